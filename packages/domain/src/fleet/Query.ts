import { Schema } from "effect"
import type { Entry } from "./Entry.ts"

/**
 * What people filter by. `online` and `offline` are the two statuses, `trouble` is online and needs attention, `busy` works
 * on a request.
 */
export const Status = Schema.Literals(["online", "offline", "trouble", "busy"])
export type Status = typeof Status.Type

/**
 * `trouble`: what needs attention first, then what is offline, then by name. `name`: by name in natural order. `seen`: the
 * last seen first.
 */
export const Sort = Schema.Literals(["trouble", "name", "seen"])
export type Sort = typeof Sort.Type

/** Whether runtimes of one machine, or of one provider, follow each other. */
export const Grouping = Schema.Literals(["none", "machine", "provider"])
export type Grouping = typeof Grouping.Type

/** The filters. Values of one filter are alternatives, filters are conditions; an empty filter lets everything pass. */
export interface Filters {
  readonly status: ReadonlySet<Status>
  readonly provider: ReadonlySet<string>
  /** User ids. */
  readonly owner: ReadonlySet<string>
  readonly label: ReadonlySet<string>
  /** Daemon ids, or names of machines without regard to letter case. */
  readonly machine: ReadonlySet<string>
  /** Words in lower case; each must occur. */
  readonly words: ReadonlyArray<string>
}

/** The dimensions of a filter. Each has counts for its values. */
export const dimensions = ["status", "provider", "owner", "label", "machine", "words"] as const
export type Dimension = (typeof dimensions)[number]

/** Returns the statuses of an entry. */
export const statusesOf = ({ busy, runtime, trouble }: Entry): ReadonlyArray<Status> => [
  runtime.status,
  ...(trouble === null ? [] : ["trouble"] as const),
  ...(busy ? ["busy"] as const : [])
]

/** Returns the words of a search, in lower case. */
export const wordsOf = (text: string): ReadonlyArray<string> =>
  text.toLowerCase().split(/\s+/).filter((word) => word !== "")

/** The least characters by which a search finds an id: shorter words occur in ids by chance. */
const minIdLength = 6

const passes: { readonly [D in Dimension]: (entry: Entry, filters: Filters) => boolean } = {
  status: (entry, { status }) => status.size === 0 || statusesOf(entry).some((one) => status.has(one)),
  provider: ({ runtime }, { provider }) => provider.size === 0 || provider.has(runtime.provider),
  owner: ({ runtime }, { owner }) => owner.size === 0 || owner.has(runtime.ownerId ?? ""),
  label: ({ labels }, { label }) => label.size === 0 || labels.some((one) => label.has(one)),
  machine: ({ machine, machineName }, { machine: wanted }) =>
    wanted.size === 0 || wanted.has(machine.toLowerCase()) || wanted.has(machineName.toLowerCase()),
  words: ({ ids, text }, { words }) =>
    words.every((word) => text.includes(word) || (word.length >= minIdLength && ids.includes(word)))
}

/** Returns the dimensions that refuse an entry. */
export const refusedBy = (entry: Entry, filters: Filters): ReadonlyArray<Dimension> =>
  dimensions.filter((dimension) => !passes[dimension](entry, filters))
