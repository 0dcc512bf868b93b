import { Data } from "effect"

/** A measurement failed; its figure would be misleading. */
export class BenchFailure extends Data.TaggedError("BenchFailure")<{ readonly message: string }> {}
