import type { PgConnection } from "@effect/sql-pg"
import { Clock, Effect, type Scope } from "effect"

type Connection = PgConnection.PgConnection

/** The interval at which statements are checked for silence: a fiber for each would cost more than most statements. */
const lookEvery = "250 millis"

/**
 * Runs statements and reports, within 250 ms, a connection whose statement had no answer for `silence` (ms), once for
 * each statement. The statement continues: its caller's deadline ends it.
 */
export const makeUnderWay = Effect.fnUntraced(function*(
  silence: number,
  onSilent: (connection: Connection) => Effect.Effect<void>
): Effect.fn.Return<
  <A, E>(connection: Connection, statement: Effect.Effect<A, E>) => Effect.Effect<A, E>,
  never,
  Scope.Scope
> {
  const clock = yield* Clock.Clock
  /** In the order of their start. */
  const underWay = new Set<{ readonly connection: Connection; readonly until: number }>()
  const look = Effect.suspend(() => {
    const now = clock.currentTimeMillisUnsafe()
    const silent: Array<Connection> = []
    for (const entry of underWay) {
      if (entry.until > now) break
      underWay.delete(entry)
      silent.push(entry.connection)
    }
    return Effect.forEach(silent, onSilent, { discard: true })
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(lookEvery), look)))
  return (connection, statement) =>
    Effect.suspend(() => {
      const entry = { connection, until: clock.currentTimeMillisUnsafe() + silence }
      underWay.add(entry)
      return Effect.onExit(statement, () => {
        underWay.delete(entry)
        return Effect.void
      })
    })
})
