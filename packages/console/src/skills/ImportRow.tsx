import type { LocalSkill } from "@muster/domain"
import { type FormEvent, useId, useState } from "react"
import { RequestSteps } from "../request/RequestStages.tsx"
import { Button } from "../ui/Button.tsx"
import type { Import, ImportOptions } from "./useImports.ts"

/** The form for an import whose name is already used: rename, replace or skip. */
const Conflict = ({ again, became, leave, skill }: {
  readonly skill: LocalSkill.LocalSkill
  readonly became: Extract<Import, { readonly _tag: "Conflict" }>
  readonly again: (wish: ImportOptions) => void
  readonly leave: () => void
}) => {
  const [name, setName] = useState(`${became.name}-2`)
  const rename = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== "") again({ key: skill.key, name: name.trim() })
  }
  return (
    <form className="conflict" onSubmit={rename} aria-label={`${became.name} already exists`}>
      <p role="alert">
        The library already has a skill named <b>{became.name}</b>
        {became.canReplace
          ? "."
          : ". Only its author can replace it."}
      </p>
      <label>
        <span className="hidden">New name</span>
        <input value={name} maxLength={256} onChange={({ target }) => setName(target.value)} />
      </label>
      <Button type="submit" disabled={name.trim() === ""}>Import with this name</Button>
      {became.canReplace
        ? <Button kind="danger" onClick={() => again({ key: skill.key, overwrite: true })}>Replace it</Button>
        : null}
      <Button kind="quiet" onClick={leave}>Skip</Button>
    </form>
  )
}

const Outcome = ({ again, became, leave, skill }: {
  readonly skill: LocalSkill.LocalSkill
  readonly became: Import
  readonly again: (wish: ImportOptions) => void
  readonly leave: () => void
}) => {
  switch (became._tag) {
    case "UnderWay":
      return <RequestSteps asked={became.asked} />
    case "Imported":
      return <p className="good-text" role="status">Imported as {became.name}.</p>
    case "Conflict":
      return <Conflict skill={skill} became={became} again={again} leave={leave} />
    case "Failed":
      return (
        <p className="bad-text" role="alert">
          Not imported: {became.why}. <Button kind="quiet" onClick={() => again({ key: skill.key })}>Try again</Button>
        </p>
      )
  }
}

/** The row of one skill on the machine: its checkbox and the result of its import. */
export const ImportRow = ({ again, became, choose, chosen, leave, mayImport, skill }: {
  readonly skill: LocalSkill.LocalSkill
  readonly chosen: boolean
  readonly choose: (chosen: boolean) => void
  readonly mayImport: boolean
  readonly became: Import | undefined
  readonly again: (wish: ImportOptions) => void
  readonly leave: () => void
}) => {
  const id = useId()
  const busy = became?._tag === "UnderWay"
  return (
    <li className="skill">
      {mayImport
        ? (
          <input
            type="checkbox"
            id={id}
            checked={chosen}
            disabled={busy}
            onChange={({ target }) => choose(target.checked)}
          />
        )
        : null}
      <div className="skill-words">
        <label htmlFor={mayImport ? id : undefined}>
          <b>{skill.name}</b>
          {skill.root === "shared" ? <span className="tag">shared by all CLIs</span> : null}
        </label>
        {skill.description === undefined || skill.description === ""
          ? null
          : <p className="muted clamp">{skill.description}</p>}
        <p className="muted small">
          <code>{skill.source_path}</code> · {skill.file_count === 1 ? "1 file" : `${skill.file_count} files`}
        </p>
        {skill.notes?.map((note) => <p key={note} className="muted small">Note: {note}.</p>)}
        {became === undefined ? null : <Outcome skill={skill} became={became} again={again} leave={leave} />}
      </div>
    </li>
  )
}
