import { Data } from "effect"

/** A test server or a test database is not to be had; the message is one sentence for the person who runs the tests. */
export class PostgresError extends Data.TaggedError("PostgresError")<{
  readonly message: string
  readonly cause?: unknown
}> {}
