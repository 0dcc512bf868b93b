import { providerName } from "../runtime/ProviderDisplay.ts"
import type { Entry } from "./Entry.ts"
import { arrange, compareKeys, cursorAfter, groupOf, type Key, type PlacedEntry } from "./Order.ts"
import { type Dimension, type Filters, type Grouping, refusedBy, type Sort, type Status, statusesOf } from "./Query.ts"

/** The maximum number of runtimes of one page, and how many a page has by default. */
export const maxPage = 5_000
export const defaultPage = 100

/** The maximum number of values of a filter that are counted: the most frequent ones. */
export const maxValues = 200

export interface Query {
  readonly filters: Filters
  readonly sort: Sort
  readonly grouping: Grouping
  /** The page starts after this key; undefined: at `offset`. */
  readonly after: Key | undefined
  /** How many matching runtimes come before the page. */
  readonly offset: number
  readonly limit: number
}

/** A value of a filter, its name for people, and how many runtimes have it. */
export interface Value {
  readonly value: string
  readonly name: string
  readonly count: number
}

/**
 * How many runtimes each chip would show: those that pass all filters but the chip's own one. `all` ignores the status
 * filter only.
 */
export interface Counts extends Readonly<Record<Status | "all", number>> {
  readonly providers: ReadonlyArray<Value>
  readonly owners: ReadonlyArray<Value>
  readonly labels: ReadonlyArray<Value>
}

/** The runtimes of one machine or provider among those that match. */
export interface Group {
  readonly key: string
  readonly name: string
  readonly total: number
  readonly online: number
  readonly trouble: number
}

export interface Page {
  readonly items: ReadonlyArray<Entry>
  /** The cursor of the next page; null: this is the last one. */
  readonly next: string | null
  /** How many runtimes match. */
  readonly total: number
  /** All groups in their order; undefined without a grouping, and on later pages. */
  readonly groups: ReadonlyArray<Group> | undefined
  readonly counts: Counts
}

class Tally {
  readonly #counts = new Map<string, { readonly name: string; count: number }>()

  add(value: string, name: string): void {
    const known = this.#counts.get(value)
    if (known === undefined) this.#counts.set(value, { name, count: 1 })
    else known.count++
  }

  /** The most frequent values, those with one count by name. */
  get values(): ReadonlyArray<Value> {
    return [...this.#counts].map(([value, { count, name }]) => ({ value, name, count }))
      .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)).slice(0, maxValues)
  }
}

/** Counts an entry for each chip whose own filter is the only one that refuses the entry, or for all if none does. */
const countChips = (judged: ReadonlyArray<readonly [Entry, ReadonlyArray<Dimension>]>): Counts => {
  const statuses = { all: 0, online: 0, offline: 0, trouble: 0, busy: 0 }
  const providers = new Tally()
  const owners = new Tally()
  const labels = new Tally()
  for (const [entry, refused] of judged) {
    const counts = (dimension: Dimension) => refused.length === 0 || (refused.length === 1 && refused[0] === dimension)
    const { ownerId, provider } = entry.runtime
    if (counts("status")) {
      statuses.all++
      for (const status of statusesOf(entry)) statuses[status]++
    }
    if (counts("provider")) providers.add(provider, providerName(provider))
    if (counts("owner") && ownerId !== null) owners.add(ownerId, entry.ownerName ?? "not a member")
    if (counts("label")) { for (const label of entry.labels) labels.add(label, label) }
  }
  return { ...statuses, providers: providers.values, owners: owners.values, labels: labels.values }
}

const groupsIn = (
  placed: ReadonlyArray<PlacedEntry>,
  grouping: Exclude<Grouping, "none">
): ReadonlyArray<Group> => {
  const groups = new Map<string, { -readonly [K in keyof Group]: Group[K] }>()
  for (const { entry } of placed) {
    const { key } = groupOf(entry, grouping)
    const name = grouping === "machine" ? entry.machineName : providerName(entry.runtime.provider)
    const group = groups.get(key) ?? { key, name, total: 0, online: 0, trouble: 0 }
    group.total++
    if (entry.runtime.status === "online") group.online++
    if (entry.trouble !== null) group.trouble++
    groups.set(key, group)
  }
  return [...groups.values()]
}

const startOf = (placed: ReadonlyArray<PlacedEntry>, { after, offset }: Query): number => {
  if (after === undefined) return offset
  const found = placed.findIndex(({ key }) => compareKeys(key, after) > 0)
  return found === -1 ? placed.length : found
}

/** Filters, sorts, counts and cuts one page from a workspace's runtimes: the rule of every backend. */
export const page = (entries: ReadonlyArray<Entry>, query: Query): Page => {
  const { filters, grouping, limit, sort } = query
  const judged = entries.map((entry) => [entry, refusedBy(entry, filters)] as const)
  const matching = judged.flatMap(([entry, refused]) => refused.length === 0 ? [entry] : [])
  const placed = arrange(matching, sort, grouping)
  const start = startOf(placed, query)
  const page = placed.slice(start, start + limit)
  const last = page.at(-1)
  return {
    items: page.map(({ entry }) => entry),
    next: last === undefined || start + limit >= placed.length ? null : cursorAfter(last.key),
    total: placed.length,
    groups: grouping === "none" || start > 0 ? undefined : groupsIn(placed, grouping),
    counts: countChips(judged)
  }
}
