import { MenuItem, MenuSeparator } from "@ariakit/react"
import type { Api } from "@muster/domain"
import { Icon } from "../ui/Icon.tsx"
import type { Opened } from "../ui/OnDemand.tsx"
import { OpenMenu } from "../ui/OpenMenu.tsx"

export interface FilterMenuProps {
  readonly title: string
  readonly values: Api.FleetPageRecord["counts"]["providers"]
  readonly selected: ReadonlyArray<string>
  readonly change: (values: ReadonlyArray<string>) => void
}

/** The menu of a filter's values: any number may be selected. */
const OpenFilterMenu = ({ button, change, selected, title, values }: FilterMenuProps & Opened) => {
  const gone = selected.filter((value) => values.every((one) => one.value !== value))
  const shown = [...gone.map((value) => ({ value, name: value, count: 0 })), ...values]
  return (
    <OpenMenu button={button} label={title} placement="bottom-start">
      {shown.map(({ count, name, value }) => {
        const on = selected.includes(value)
        return (
          <MenuItem
            key={value}
            className="menu-item"
            role="menuitemcheckbox"
            aria-checked={on}
            hideOnClick={false}
            onClick={() => change(on ? selected.filter((one) => one !== value) : [...selected, value])}
          >
            <span className="menu-tick">{on ? <Icon name="check" /> : null}</span>
            {name}
            <span className="menu-check muted">{count}</span>
          </MenuItem>
        )
      })}
      {selected.length === 0 ? null : (
        <>
          <MenuSeparator className="menu-line" />
          <MenuItem className="menu-item" onClick={() => change([])}>
            <span className="menu-tick" />Show all
          </MenuItem>
        </>
      )}
    </OpenMenu>
  )
}

export default OpenFilterMenu
