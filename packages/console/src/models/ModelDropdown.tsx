import type { Api } from "@muster/domain"
import { Icon } from "../ui/Icon.tsx"
import { onDemand } from "../ui/OnDemand.tsx"

const Dropdown = onDemand<{ readonly runtime: Api.RuntimeRecord }>(() => import("./OpenModelDropdown.tsx"))

/** A button that shows the chosen model and opens the list. The list is requested when it opens. */
export const ModelDropdown = ({ runtime }: { readonly runtime: Api.RuntimeRecord }) => {
  const chosen = runtime.defaultModel
  return (
    <Dropdown
      runtime={runtime}
      button={{
        className: "button dropdown",
        "aria-label": `${chosen === undefined ? "Models" : `${chosen}: models`} of ${runtime.name}`,
        "aria-haspopup": "dialog",
        ...(chosen === undefined ? {} : { title: chosen })
      }}
    >
      <span className="dropdown-text">{chosen ?? "Models"}</span>
      <Icon name="down" />
    </Dropdown>
  )
}
