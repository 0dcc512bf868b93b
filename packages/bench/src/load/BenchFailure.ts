import { Data } from "effect"

/** A measurement could not be made; a figure of it would not mean what it says. */
export class BenchFailure extends Data.TaggedError("BenchFailure")<{ readonly message: string }> {}
