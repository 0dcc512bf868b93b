import type { Effect } from "effect"
import type { SqlClient, SqlError } from "effect/sql"

/** One step of the schema, in a file of its own. A released step never changes: a correction is a new step. */
export interface Migration {
  /** 1, 2, 3, … without gaps. */
  readonly id: number
  readonly name: string
  /** Runs in the transaction of all steps that are due. */
  readonly up: (sql: SqlClient.SqlClient) => Effect.Effect<void, SqlError.SqlError>
}
