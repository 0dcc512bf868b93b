import { Data } from "effect"

/** No test server is available; the message is one sentence for the person who runs the tests. */
export class RedisError extends Data.TaggedError("RedisError")<{
  readonly message: string
  readonly cause?: unknown
}> {}
