import { Data } from "effect"

/** No test server or test database is available; the message is one sentence for the person who runs the tests. */
export class PostgresError extends Data.TaggedError("PostgresError")<{
  readonly message: string
  readonly cause?: unknown
}> {}
