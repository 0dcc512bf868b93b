import { Schema } from "effect"
import { Option, Result } from "effect"
import * as Base64Url from "effect/encoding/Base64Url"
import type { Entry } from "./Entry.ts"
import type { Grouping, Sort } from "./Query.ts"

/** The place of an entry in an order. Keys are compared part by part, and no two entries have the same key. */
export type Key = ReadonlyArray<string | number>

/** Compares two keys. */
export const compareKeys = (a: Key, b: Key): number => {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i]! < b[i]!) return -1
    if (a[i]! > b[i]!) return 1
  }
  return a.length - b.length
}

const troubleRank = ({ runtime, trouble }: Entry): number => trouble !== null ? 0 : runtime.status === "offline" ? 1 : 2

/** The first part of a key, which a group takes from its first entry. */
const rankOf: Readonly<Record<Sort, (entry: Entry) => number>> = {
  trouble: troubleRank,
  name: () => 0,
  seen: ({ runtime }) => -(runtime.lastSeenAt ?? 0)
}

/** Returns the group of an entry: its key, its name for people, and its name in natural order. */
export const groupOf = (entry: Entry, grouping: Exclude<Grouping, "none">) =>
  grouping === "machine"
    ? { key: entry.machine, sortKey: entry.machineNameKey }
    : { key: entry.runtime.provider, sortKey: entry.runtime.provider.toLowerCase() }

/** An entry and its place. */
export interface PlacedEntry {
  readonly entry: Entry
  readonly key: Key
}

/** Sorts entries. With a grouping, the entries of a group follow each other, and its first entry decides its place. */
export const arrange = (
  entries: ReadonlyArray<Entry>,
  sort: Sort,
  grouping: Grouping
): ReadonlyArray<PlacedEntry> => {
  const ownKey = (entry: Entry): Key => [rankOf[sort](entry), entry.nameKey, entry.runtime.id]
  if (grouping === "none") {
    return entries.map((entry) => ({ entry, key: ownKey(entry) })).toSorted((a, b) => compareKeys(a.key, b.key))
  }
  const heads = new Map<string, number>()
  for (const entry of entries) {
    const { key } = groupOf(entry, grouping)
    heads.set(key, Math.min(heads.get(key) ?? Infinity, rankOf[sort](entry)))
  }
  return entries.map((entry) => {
    const { key, sortKey } = groupOf(entry, grouping)
    return { entry, key: [heads.get(key)!, sortKey, key, ...ownKey(entry)] }
  }).toSorted((a, b) => compareKeys(a.key, b.key))
}

const CursorKey = Schema.fromJsonString(Schema.Array(Schema.Union([Schema.String, Schema.Finite])))
const encodeKey = Schema.encodeSync(CursorKey)
const decodeKey = Schema.decodeOption(CursorKey)

/** Returns the cursor that continues after a key. */
export const cursorAfter = (key: Key): string => Base64Url.encode(encodeKey(key))

/** Returns the key of a cursor; none if the text is not a cursor. */
export const keyOfCursor = (cursor: string): Option.Option<Key> =>
  Option.flatMap(Result.getSuccess(Base64Url.decodeString(cursor)), decodeKey)
