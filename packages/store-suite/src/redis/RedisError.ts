import { Data } from "effect"

/** A test server is not to be had; the message is one sentence for the person who runs the tests. */
export class RedisError extends Data.TaggedError("RedisError")<{
  readonly message: string
  readonly cause?: unknown
}> {}
