import { PgClient } from "@effect/sql-pg"
import { Clock, Duration, Effect, Redacted } from "effect"
import { Reactivity } from "effect/reactivity"
import { type SqlError } from "effect/sql"

const connectTimeout = Duration.seconds(10)

/** A real server takes real time, whatever clock a test runs on. */
export const onRealTime: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.provideService(
  Clock.Clock,
  Clock.Clock.defaultValue()
)

/** Runs a few statements on one connection of their own, closed afterwards. */
export const onConnection = <A, E>(
  url: string,
  run: (sql: PgClient.PgClient) => Effect.Effect<A, E>
): Effect.Effect<A, E | SqlError.SqlError> =>
  PgClient.makeClient({ url: Redacted.make(url), applicationName: "muster-tests", connectTimeout }).pipe(
    Effect.flatMap(run),
    Effect.scoped,
    Effect.provide(Reactivity.layer),
    onRealTime
  )
