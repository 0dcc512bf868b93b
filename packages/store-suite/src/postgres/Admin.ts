import { PgClient } from "@effect/sql-pg"
import { onMachineClock } from "@muster/kit"
import { Duration, Effect, Redacted } from "effect"
import { Reactivity } from "effect/reactivity"
import { type SqlError } from "effect/sql"

const connectTimeout = Duration.seconds(10)

/** Runs a few statements on one connection of their own, closed afterwards. */
export const onConnection = <A, E>(
  url: string,
  run: (sql: PgClient.PgClient) => Effect.Effect<A, E>
): Effect.Effect<A, E | SqlError.SqlError> =>
  PgClient.makeClient({ url: Redacted.make(url), applicationName: "muster-tests", connectTimeout }).pipe(
    Effect.flatMap(run),
    Effect.scoped,
    Effect.provide(Reactivity.layer),
    onMachineClock
  )
