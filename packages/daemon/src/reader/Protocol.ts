import { Schema } from "effect"

/** A path that is not read for now, and why: what follows its name in a sentence. */
export const Shut = Schema.Struct({ path: Schema.String, why: Schema.String })
export type Shut = typeof Shut.Type

/** One question to a reader, as one line of JSON on its stdin. It has one at a time. */
export const Ask = Schema.Struct({
  job: Schema.String,
  input: Schema.Unknown,
  shut: Schema.Array(Shut)
})
export type Ask = typeof Ask.Type

/**
 * The oldest call that the reader's file system has not answered: `number` tells calls apart, `place` is the folder that
 * the job calls the whole of which `path` is a part.
 */
export const Looking = Schema.Struct({ number: Schema.Int, path: Schema.String, place: Schema.String })
export type Looking = typeof Looking.Type

/**
 * One line of JSON on a reader's stdout: each second while it works what it waits for, and in the end the result or one
 * sentence that says why there is none.
 */
export const Said = Schema.Union([
  Schema.Struct({ looking: Schema.NullOr(Looking) }),
  Schema.Struct({ result: Schema.Unknown }),
  Schema.Struct({ problem: Schema.String })
])
export type Said = typeof Said.Type

/** The longest answer, in bytes: the largest skill whose characters are all written as `\u0001`. */
export const maxAnswer = 64 * 1024 * 1024
