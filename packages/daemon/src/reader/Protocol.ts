import { Schema } from "effect"

/** A path that is skipped for now, and the reason, which follows its name in a sentence. */
export const Shut = Schema.Struct({ path: Schema.String, why: Schema.String })
export type Shut = typeof Shut.Type

/** One question to a reader, as one line of JSON on its stdin. A reader has one question at a time. */
export const Ask = Schema.Struct({
  job: Schema.String,
  input: Schema.Unknown,
  shut: Schema.Array(Shut)
})
export type Ask = typeof Ask.Type

/**
 * The oldest call that the reader's file system has not answered. `number` identifies the call, `place` is the folder of the
 * job that contains `path`.
 */
export const Looking = Schema.Struct({ number: Schema.Int, path: Schema.String, place: Schema.String })
export type Looking = typeof Looking.Type

/**
 * One line of JSON on a reader's stdout: every second the call that it waits for, and finally the result, or one sentence with
 * the reason why there is none.
 */
export const Said = Schema.Union([
  Schema.Struct({ looking: Schema.NullOr(Looking) }),
  Schema.Struct({ result: Schema.Unknown }),
  Schema.Struct({ problem: Schema.String })
])
export type Said = typeof Said.Type

/** The maximum size of an answer, in bytes: the largest skill with all characters written as `\u0001`. */
export const maxAnswer = 64 * 1024 * 1024
