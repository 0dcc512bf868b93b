import type { Api } from "@muster/domain"
import { Icon } from "../ui/Icon.tsx"
import { onDemand } from "../ui/OnDemand.tsx"

const Menu = onDemand<{ readonly runtime: Api.RuntimeRecord }>(() => import("./OpenRuntimeMenu.tsx"))

/** The button that opens the menu of a runtime's actions. */
export const RuntimeMenu = ({ runtime }: { readonly runtime: Api.RuntimeRecord }) => (
  <Menu
    runtime={runtime}
    button={{
      className: "button quiet icon-only",
      "aria-label": `More for ${runtime.name}`,
      "aria-haspopup": "menu"
    }}
  >
    <Icon name="more" />
  </Menu>
)
