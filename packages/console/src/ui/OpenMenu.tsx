import { Menu, MenuButton, MenuProvider, useMenuStore } from "@ariakit/react"
import { type ReactNode, useEffect } from "react"
import type { OpeningButton } from "./OnDemand.tsx"

/** A menu below its button, initially open. */
export const OpenMenu = ({ button, children, label, placement = "bottom-end" }: {
  readonly button: OpeningButton
  readonly label: string
  readonly placement?: "bottom-end" | "bottom-start" | "top-start"
  readonly children: ReactNode
}) => {
  const menu = useMenuStore({ placement })
  useEffect(() => {
    menu.setAutoFocusOnShow(true)
    menu.setInitialFocus("first")
    menu.show()
  }, [menu])
  return (
    <MenuProvider store={menu}>
      <MenuButton {...button} />
      <Menu className="menu" gutter={4} portal preserveTabOrder={false} unmountOnHide aria-label={label}>
        {children}
      </Menu>
    </MenuProvider>
  )
}
