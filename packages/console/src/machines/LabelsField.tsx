import { Machine } from "@muster/domain"

/** The labels of a field, separated by spaces or commas. */
export const labelsOf = (text: string): ReadonlyArray<string> => text.split(/[\s,]+/).filter((label) => label !== "")

/** The field of a machine's labels. */
export const LabelsField = ({ onChange, value }: {
  readonly value: string
  readonly onChange: (value: string) => void
}) => {
  const checked = Machine.labelsFrom(labelsOf(value))
  return (
    <label className="field">
      <span>Labels (optional)</span>
      <input
        value={value}
        maxLength={1_100}
        placeholder="gpu os=linux"
        onChange={({ target }) => onChange(target.value)}
        aria-invalid={typeof checked === "string"}
      />
      {typeof checked === "string" ? <small className="bad-text">{checked}.</small> : null}
    </label>
  )
}
