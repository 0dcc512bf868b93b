import { Effect, Option, Schema } from "effect"
import type { SqlError } from "effect/sql"

type Answer<A> = Effect.Effect<A, SqlError.SqlError | Schema.SchemaError>

/** Reads rows by a schema; columns that it does not name are left out. */
export const rowsOf = <A>(schema: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownEffect(Schema.Array(schema))
  const all = (statement: Effect.Effect<unknown, SqlError.SqlError>): Answer<ReadonlyArray<A>> =>
    Effect.flatMap(statement, (rows) => decode(rows))
  return {
    all,
    /** The first row, if there is one. */
    first: (statement: Effect.Effect<unknown, SqlError.SqlError>): Answer<Option.Option<A>> =>
      Effect.map(all(statement), ([row]) => Option.fromUndefinedOr(row)),
    /** The row of a statement that always returns one. */
    one: (statement: Effect.Effect<unknown, SqlError.SqlError>): Answer<A> =>
      Effect.flatMap(all(statement), ([row]) => row === undefined ? Effect.die("no row") : Effect.succeed(row))
  }
}
