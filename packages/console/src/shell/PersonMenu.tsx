import { MenuItem, MenuSeparator } from "@ariakit/react"
import type { Identity } from "@muster/domain"
import { useSignOut } from "../session/Session.ts"
import { Icon, type IconName } from "../ui/Icon.tsx"
import type { Opened } from "../ui/OnDemand.tsx"
import { OpenMenu } from "../ui/OpenMenu.tsx"
import { say } from "../ui/Toast.tsx"
import { chooseTheme, type Theme, themes, useTheme } from "./Theme.ts"

const names: Readonly<Record<Theme, readonly [string, IconName]>> = {
  system: ["System theme", "screen"],
  light: ["Light", "sun"],
  dark: ["Dark", "moon"]
}

/** The menu of themes, the documentation and signing out. */
const PersonMenu = ({ button, user }: { readonly user: Identity.User } & Opened) => {
  const theme = useTheme()
  const signOut = useSignOut()
  const leave = () => signOut().catch((problem: Error) => say(`${problem.message}.`, "bad"))
  return (
    <OpenMenu button={button} label={user.name} placement="top-start">
      {themes.map((one) => (
        <MenuItem
          key={one}
          className="menu-item"
          role="menuitemradio"
          aria-checked={theme === one}
          hideOnClick={false}
          onClick={() => chooseTheme(one)}
        >
          <Icon name={names[one][1]} />
          {names[one][0]}
          {theme === one
            ? (
              <span className="menu-check">
                <Icon name="check" />
              </span>
            )
            : null}
        </MenuItem>
      ))}
      <MenuSeparator className="menu-line" />
      <MenuItem className="menu-item" render={<a href="/help/" target="_blank" rel="noopener" />}>
        <Icon name="help" />Documentation
      </MenuItem>
      <MenuItem className="menu-item" onClick={() => void leave()}>
        <Icon name="out" />Sign out
      </MenuItem>
    </OpenMenu>
  )
}

export default PersonMenu
