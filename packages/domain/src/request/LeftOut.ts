import { Schema } from "effect"

/** Entries of a reported list that were left out for one reason. */
export const LeftOut = Schema.Struct({
  /** Why, in a few words: `id is missing`. At most 256 characters. */
  reason: Schema.String.check(Schema.isMaxLength(256)),
  count: Schema.Int,
  /** The first of them, as `models[3]`; at most 128 characters. */
  first: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(128)))
})
export type LeftOut = typeof LeftOut.Type

/** The maximum number of reasons in one answer; further ones count under the last one. */
export const maxLeftOut = 16

export const LeftOuts = Schema.Array(LeftOut).check(Schema.isMaxLength(maxLeftOut))

/** Adds entries to those that are left out, one element for each reason. */
export const add = (all: ReadonlyArray<LeftOut>, one: LeftOut): ReadonlyArray<LeftOut> => {
  const known = all.findIndex(({ reason }) => reason === one.reason)
  const at = known < 0 && all.length >= maxLeftOut ? all.length - 1 : known
  if (at < 0) return [...all, one]
  return all.with(at, { ...all[at]!, count: all[at]!.count + one.count })
}

/** The left-out entries of an answer in one sentence for a person; undefined: none. */
export const textOf = (all: ReadonlyArray<LeftOut> | undefined): string | undefined => {
  if (all === undefined || all.length === 0) return undefined
  const parts = all.map(({ count, first, reason }) =>
    `${count} (${reason}${first === undefined ? "" : `; first: ${first}`})`
  )
  return `left out of the answer: ${parts.join(", ")}`
}
