import type { Api } from "@muster/domain"

type GroupRecord = NonNullable<Api.FleetPageRecord["groups"]>[number]

/** The heights of a list's parts, in px. */
export interface Sizes {
  /** 0: groups have no head. */
  readonly head: number
  readonly row: number
  /** The space between groups. */
  readonly gap: number
}

/** A group of the list and its place, in px from the top. */
export interface PlacedGroup extends GroupRecord {
  /** The index of its first runtime among all. */
  readonly first: number
  readonly open: boolean
  readonly top: number
  readonly height: number
}

export interface Layout {
  readonly sizes: Sizes
  readonly groups: ReadonlyArray<PlacedGroup>
  readonly height: number
}

/** Places groups one below the other. A folded one shows its head only. */
export const layoutOf = (groups: ReadonlyArray<GroupRecord>, folded: ReadonlySet<string>, sizes: Sizes): Layout => {
  let first = 0
  let top = 0
  const placed = groups.map((group): PlacedGroup => {
    const open = !folded.has(group.key)
    // A frame of 2 px around the rows.
    const height = sizes.head + (open ? group.total * sizes.row + 2 : 0)
    const at = { ...group, first, open, top, height }
    first += group.total
    top += height + sizes.gap
    return at
  })
  return { sizes, groups: placed, height: Math.max(0, top - sizes.gap) }
}

/** A group that is in view, and which of its rows are: from `start` up to `end`. */
export interface VisibleGroup {
  readonly group: PlacedGroup
  readonly start: number
  readonly end: number
}

/** Returns the index of the last group that begins at or above a height; 0 if none does. */
const groupAt = (groups: ReadonlyArray<PlacedGroup>, top: number): number => {
  let low = 0
  let high = groups.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (groups[middle]!.top <= top) low = middle
    else high = middle - 1
  }
  return low
}

/** Returns what is between two heights, in px from the list's top. */
export const visibleIn = ({ groups, sizes }: Layout, from: number, to: number): ReadonlyArray<VisibleGroup> => {
  const found: Array<VisibleGroup> = []
  for (let i = groupAt(groups, from); i < groups.length && groups[i]!.top < to; i++) {
    const group = groups[i]!
    const top = group.top + sizes.head
    const rows = group.open ? group.total : 0
    const clamp = (row: number) => Math.min(rows, Math.max(0, row))
    found.push({
      group,
      start: clamp(Math.floor((from - top) / sizes.row)),
      end: clamp(Math.ceil((to - top) / sizes.row))
    })
  }
  return found
}

/** What the keyboard moves over: the head of a group (`row` -1), or a row of it, by indices. */
export interface Line {
  readonly group: number
  readonly row: number
}

const firstOf = ({ sizes }: Layout) => sizes.head === 0 ? 0 : -1
const lastOf = ({ groups }: Layout, group: number) => groups[group]!.open ? groups[group]!.total - 1 : -1

/** Returns the next line down or up; undefined at the end of the list. */
export const nextLine = (layout: Layout, { group, row }: Line, by: 1 | -1): Line | undefined => {
  const first = firstOf(layout)
  if (by === 1) {
    if (row < lastOf(layout, group)) return { group, row: row + 1 }
    return group + 1 < layout.groups.length ? { group: group + 1, row: first } : undefined
  }
  if (row > first) return { group, row: row - 1 }
  return group > 0 ? { group: group - 1, row: lastOf(layout, group - 1) } : undefined
}

/** Returns the first or the last line; undefined in an empty list. */
export const edgeLine = (layout: Layout, edge: "first" | "last"): Line | undefined => {
  const last = layout.groups.length - 1
  if (last < 0) return undefined
  return edge === "first" ? { group: 0, row: firstOf(layout) } : { group: last, row: lastOf(layout, last) }
}

/** Returns the top of a line and its height, in px from the list's top. */
export const placeOf = ({ groups, sizes }: Layout, { group, row }: Line) => {
  const { top } = groups[group]!
  return row === -1
    ? { top, height: sizes.head }
    : { top: top + sizes.head + row * sizes.row, height: sizes.row }
}
