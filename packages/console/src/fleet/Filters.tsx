import type { Api, Fleet } from "@muster/domain"
import { Icon } from "../ui/Icon.tsx"
import { onDemand } from "../ui/OnDemand.tsx"
import type { FleetSearch, ValueFilter } from "./FleetSearch.ts"
import type { FilterMenuProps } from "./OpenFilterMenu.tsx"

const FilterMenu = onDemand<FilterMenuProps>(() => import("./OpenFilterMenu.tsx"))

const statuses: ReadonlyArray<readonly [Fleet.Status, string]> = [
  ["online", "Online"],
  ["trouble", "Trouble"],
  ["offline", "Offline"],
  ["busy", "Busy"]
]

const number = new Intl.NumberFormat()

const Chip = ({ count, name, on, pick }: {
  readonly name: string
  readonly count: number
  readonly on: boolean
  readonly pick: () => void
}) => (
  <button type="button" className="chip" aria-pressed={on} onClick={pick}>
    {name}
    <span className="chip-count">{number.format(count)}</span>
  </button>
)

const menus: ReadonlyArray<readonly [ValueFilter, "providers" | "owners" | "labels", string]> = [
  ["provider", "providers", "Provider"],
  ["owner", "owners", "Owner"],
  ["label", "labels", "Label"]
]

interface FiltersProps {
  readonly counts: Api.FleetPageRecord["counts"]
  readonly search: FleetSearch
  readonly change: (change: Partial<FleetSearch>) => void
}

const MenuChip = ({ change, counts, filter, of, search, title }: FiltersProps & {
  readonly filter: ValueFilter
  readonly of: "providers" | "owners" | "labels"
  readonly title: string
}) => {
  const selected = search[filter]
  const values = counts[of]
  const nameOf = (value: string) => values.find((one) => one.value === value)?.name ?? value
  if (values.length === 0 && selected.length === 0) return null
  const text = selected.length === 0
    ? title
    : `${title}: ${nameOf(selected[0]!)}${selected.length === 1 ? "" : ` and ${selected.length - 1} more`}`
  return (
    <FilterMenu
      title={title}
      values={values}
      selected={selected}
      change={(values) => change({ [filter]: values })}
      button={{ className: `chip ${selected.length === 0 ? "" : "chip-on"}`, "aria-haspopup": "menu" }}
    >
      <span className="chip-text">{text}</span>
      <Icon name="down" />
    </FilterMenu>
  )
}

/** The chips that filter the fleet, each with the number of runtimes that it shows. */
export const Filters = ({ change, counts, search }: FiltersProps) => (
  <div className="chips" role="group" aria-label="Filters">
    <Chip
      name="All"
      count={counts.all}
      on={search.status.length === 0}
      pick={() =>
        change({ status: [] })}
    />
    {statuses.map(([status, name]) => {
      const on = search.status.includes(status)
      return (
        <Chip
          key={status}
          name={name}
          count={counts[status]}
          on={on}
          pick={() =>
            change({
              status: on
                ? search.status.filter((one) => one !== status)
                : [status]
            })}
        />
      )
    })}
    {menus.map(([filter, of, title]) => (
      <MenuChip key={filter} filter={filter} of={of} title={title} change={change} counts={counts} search={search} />
    ))}
    {search.machine.map((machine) => (
      <button
        key={machine}
        type="button"
        className="chip chip-on"
        aria-label={`Show other machines than ${machine} too`}
        onClick={() =>
          change({ machine: search.machine.filter((one) => one !== machine) })}
      >
        <span className="chip-text">Machine: {machine}</span>
        <Icon name="cross" />
      </button>
    ))}
  </div>
)
