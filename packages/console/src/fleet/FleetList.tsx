import type { Api } from "@muster/domain"
import { type KeyboardEvent, useEffect, useRef } from "react"
import { Icon } from "../ui/Icon.tsx"
import {
  edgeLine,
  type Layout,
  layoutOf,
  type Line,
  nextLine,
  type PlacedGroup,
  placeOf,
  visibleIn
} from "./FleetLayout.ts"
import type { FleetSearch } from "./FleetSearch.ts"
import { RuntimeRow, RuntimeRowLoading } from "./RuntimeRow.tsx"
import { type useFleet, useItems } from "./useFleet.ts"
import type { Selection } from "./useSelection.ts"
import { useView } from "./useView.ts"

/** How rows are laid out, by the width of the list in px; the heights are those of `fleet.css`. */
const forms = [
  { name: "wide", from: 860, row: 58 },
  { name: "middle", from: 480, row: 76 },
  { name: "narrow", from: 0, row: 116 }
] as const

const headHeight = 40
const gap = 12

const wholeFleet = (page: Api.FleetPageRecord) => [{
  key: "",
  name: "",
  total: page.total,
  online: 0,
  trouble: 0
}]

const lineName = ({ group, row }: Line) => `${group}:${row}`

/** Returns the line that has the keyboard; undefined outside the list. */
const lineOf = (element: Element | null): Line | undefined => {
  const name = element?.closest("[data-line]")?.getAttribute("data-line")
  const [group, row] = (name ?? "").split(":").map(Number)
  return group === undefined || row === undefined ? undefined : { group, row }
}

/** Moves the keyboard over the lines of a list. A line that is not drawn yet is scrolled into view first. */
const useFocus = (list: { readonly current: HTMLElement | null }, layout: Layout) => {
  const wanted = useRef<Line>(undefined)
  const last = useRef<Line>(undefined)
  const settle = () => {
    if (wanted.current === undefined) return
    const target = list.current?.querySelector<HTMLElement>(`[data-line="${lineName(wanted.current)}"] [data-main]`)
    if (target == null) return
    last.current = wanted.current
    wanted.current = undefined
    target.focus({ preventScroll: true })
  }
  useEffect(settle)
  return (to: Line | "first" | "last" | 1 | -1): boolean => {
    const from = lineOf(document.activeElement) ?? last.current
    const line = typeof to === "object"
      ? to
      : typeof to === "string"
      ? edgeLine(layout, to)
      : from === undefined || from.group >= layout.groups.length
      ? edgeLine(layout, "first")
      : nextLine(layout, from, to)
    if (line === undefined || list.current === null) return false
    wanted.current = line
    const { height, top } = placeOf(layout, line)
    const at = list.current.getBoundingClientRect().top + top
    const above = at - 70
    const below = at + height - (innerHeight - 70)
    if (above < 0) scrollBy(0, above)
    else if (below > 0) scrollBy(0, below)
    settle()
    return true
  }
}

const GroupHead = ({ group, index, toggle }: {
  readonly group: PlacedGroup
  readonly index: number
  readonly toggle: () => void
}) => (
  <h2 data-line={lineName({ group: index, row: -1 })}>
    <button type="button" className="fold" data-main aria-expanded={group.open} onClick={toggle}>
      <Icon name={group.open ? "down" : "right"} />
      <span className="fold-name">{group.name}</span>
    </button>
    <small>
      {group.online === group.total ? `${group.online} online` : `${group.online} of ${group.total} online`}
      {group.trouble === 0 ? null : <b className="tag bad">{group.trouble} in trouble</b>}
    </small>
  </h2>
)

interface FleetListProps {
  readonly fleet: ReturnType<typeof useFleet>
  readonly page: Api.FleetPageRecord
  readonly search: FleetSearch
  readonly selection: Selection
  /** The ids of runtimes that replaced deleted ones. */
  readonly back: ReadonlySet<string>
  readonly folded: ReadonlySet<string>
  readonly fold: (key: string, folded: boolean) => void
  /** Set to a function that moves the keyboard into the list. */
  readonly enter: { current: (() => void) | undefined }
}

/** The runtimes that the search finds. Only those in the window, and some beyond, are in the document. */
export const FleetList = ({ back, enter, fleet, fold, folded, page, search, selection }: FleetListProps) => {
  const list = useRef<HTMLDivElement>(null)
  const view = useView(list)
  const form = forms.find(({ from }) => view.width >= from) ?? forms[0]
  const grouped = page.groups !== undefined
  const layout = layoutOf(page.groups ?? wholeFleet(page), folded, {
    head: grouped ? headHeight : 0,
    row: form.row,
    gap
  })
  const visible = visibleIn(layout, view.from, view.to)
  const rows = visible.filter(({ end, start }) => end > start)
  const first = rows[0]
  const last = rows.at(-1)
  const itemAt = useItems(
    fleet,
    first === undefined ? 0 : first.group.first + first.start,
    last === undefined ? 0 : last.group.first + last.end
  )
  const focus = useFocus(list, layout)
  useEffect(() => {
    enter.current = () => void focus("first")
  })

  const press = (event: KeyboardEvent) => {
    const line = lineOf(event.target as Element)
    if (line === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    if (!(event.target as Element).matches("[data-main]")) return
    const group = layout.groups[line.group]
    if (group === undefined) return
    const item = line.row === -1 ? undefined : itemAt(group.first + line.row)
    const moves: Record<string, () => unknown> = {
      ArrowDown: () => focus(1),
      ArrowUp: () => focus(-1),
      Home: () => focus("first"),
      End: () => focus("last"),
      ArrowLeft: () => line.row === -1 ? fold(group.key, true) : grouped && focus({ group: line.group, row: -1 }),
      ArrowRight: () => line.row === -1 && fold(group.key, false),
      x: () => item !== undefined && selection.toggle(item)
    }
    const move = moves[event.key]
    if (move === undefined) return
    event.preventDefault()
    move()
  }

  return (
    <div
      ref={list}
      className="fleet-list"
      data-form={form.name}
      style={{ height: layout.height }}
      onKeyDown={press}
      aria-busy={fleet.query.isPlaceholderData}
    >
      {view.width === 0 ? null : visible.map(({ end, group, start }) => {
        const index = layout.groups.indexOf(group)
        return (
          <section
            key={group.key}
            className="group"
            style={{ top: group.top, height: group.height }}
            aria-label={grouped ? group.name : "Runtimes"}
          >
            {grouped
              ? <GroupHead group={group} index={index} toggle={() => fold(group.key, group.open)} />
              : null}
            {group.open
              ? (
                <ul className="rows" style={{ height: group.total * form.row + 2 }}>
                  {Array.from({ length: end - start }, (_, i) => {
                    const row = start + i
                    const item = itemAt(group.first + row)
                    const place = {
                      top: row * form.row,
                      height: form.row,
                      line: lineName({ group: index, row }),
                      position: row + 1,
                      size: group.total
                    }
                    // A list that changes while its pages load may show a runtime of another group for a moment.
                    const isHere = item !== undefined &&
                      (search.group !== "machine" || !grouped || (item.daemonId ?? "") === group.key)
                    return isHere
                      ? (
                        <RuntimeRow
                          key={item.id}
                          item={item}
                          place={place}
                          group={search.group}
                          isBack={back.has(item.id)}
                          isSelected={selection.has(item.id)}
                          toggle={selection.toggle}
                        />
                      )
                      : <RuntimeRowLoading key={`loading ${row}`} place={place} />
                  })}
                </ul>
              )
              : null}
          </section>
        )
      })}
    </div>
  )
}
