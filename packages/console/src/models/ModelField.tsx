import type { Api } from "@muster/domain"
import { Icon } from "../ui/Icon.tsx"
import { onDemand } from "../ui/OnDemand.tsx"

export interface ModelFieldProps {
  readonly runtime: Api.RuntimeRecord
  /** The model's id; undefined: the runtime's default. */
  readonly model: string | undefined
  readonly choose: (model: string | undefined) => void
}

const List = onDemand<ModelFieldProps>(() => import("./OpenModelField.tsx"))

/** The text of a field in which no model is chosen. */
export const noModelText = ({ defaultModel }: Pick<Api.RuntimeRecord, "defaultModel">): string =>
  defaultModel === undefined ? "The CLI’s default" : `Default: ${defaultModel}`

/** A button that shows the model of one task and opens the list of models, which is requested then. */
export const ModelField = ({ choose, model, runtime }: ModelFieldProps) => (
  <List
    runtime={runtime}
    model={model}
    choose={choose}
    button={{
      className: "button dropdown model-field",
      "aria-label": `Model of the task: ${model ?? noModelText(runtime)}`,
      "aria-haspopup": "dialog"
    }}
  >
    <span className="dropdown-text">{model ?? noModelText(runtime)}</span>
    <Icon name="down" />
  </List>
)
