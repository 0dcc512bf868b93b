import {
  Combobox,
  ComboboxGroup,
  ComboboxGroupLabel,
  ComboboxItem,
  ComboboxList,
  ComboboxProvider
} from "@ariakit/react"
import type { Api, Model } from "@muster/domain"
import { useState } from "react"
import { Icon } from "../ui/Icon.tsx"
import { modelGroups } from "./ModelGroups.ts"
import { ModelsStatus } from "./ModelsStatus.tsx"
import type { Models } from "./useModels.ts"

const Option = ({ chosen, model }: { readonly model: Model.Model; readonly chosen: boolean }) => (
  <>
    <span className="model-words">
      <span>{model.label === "" ? model.id : model.label}</span>
      {model.label === "" || model.label === model.id ? null : <code>{model.id}</code>}
    </span>
    {model.default === true ? <b className="tag">default</b> : null}
    {chosen ? <Icon name="check" /> : null}
  </>
)

/** The list of models with an input that filters it. A typed id that is not in the list can be chosen too. */
export const ModelChooser = ({ choose, chosen, focus, models, note, runtime }: {
  readonly runtime: Api.RuntimeRecord
  readonly models: Models
  readonly chosen: string | undefined
  /** Why the chosen model needs attention, without a full stop; undefined: it does not. */
  readonly note: string | undefined
  readonly choose: (id: string) => void
  /** Whether the input has the focus when it appears. */
  readonly focus: boolean
}) => {
  const [typed, setTyped] = useState("")
  const listed = models.listing?.models ?? []
  // Not deferred: Enter takes the first row, which must belong to what is typed.
  const { found, groups, more } = modelGroups(listed, typed)
  const own = typed.trim()
  const isOwn = own !== "" && own.length <= 512 && !listed.some(({ id }) => id === own)
  const pick = (id: string) => {
    choose(id)
    setTyped("")
  }

  return (
    <div className="chooser">
      <ComboboxProvider open value={typed} setValue={setTyped} includesBaseElement={false} resetValueOnHide={false}>
        <Combobox
          className="chooser-field"
          aria-label={`Model of ${runtime.name}`}
          placeholder={listed.length === 0 ? "Type a model’s id" : "Filter, or type an id"}
          autoSelect={typed === "" ? false : "always"}
          autoFocus={focus}
          autoComplete="list"
          spellCheck={false}
        />
        <ModelsStatus models={models} runtime={runtime} />
        {note === undefined ? null : <p className="notice bad" role="status">{note}.</p>}
        <ComboboxList className="chooser-list" alwaysVisible aria-label="Models">
          {groups.map(({ models, provider }) => (
            <ComboboxGroup key={provider} className="chooser-group">
              {provider === "" ? null : <ComboboxGroupLabel>{provider}</ComboboxGroupLabel>}
              {models.map((model) => (
                <ComboboxItem
                  key={model.id}
                  className="chooser-item"
                  value={model.id}
                  setValueOnClick={false}
                  focusOnHover
                  onClick={() => pick(model.id)}
                >
                  <Option model={model} chosen={model.id === chosen} />
                </ComboboxItem>
              ))}
            </ComboboxGroup>
          ))}
          {more > 0 ? <p className="chooser-note muted">{more} more: type to narrow.</p> : null}
          {isOwn
            ? (
              <ComboboxItem
                className="chooser-item own"
                value={own}
                setValueOnClick={false}
                focusOnHover
                onClick={() => pick(own)}
              >
                <span className="model-words">
                  <span>
                    Use <code>{own}</code>
                  </span>
                </span>
              </ComboboxItem>
            )
            : found === 0 && listed.length > 0
            ? <p className="chooser-note muted">No matches.</p>
            : null}
        </ComboboxList>
      </ComboboxProvider>
    </div>
  )
}
