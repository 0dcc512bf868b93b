import type { PgClient } from "@effect/sql-pg"
import { onMachineClock } from "@muster/kit"
import { Data, Deferred, type Duration, Effect, type Exit, Fiber, Queue, Schedule, Scope } from "effect"
import { SqlError } from "effect/sql"
import { type PoolerInTheWay, poolerInTheWay } from "../client/Pooling.ts"
import { channel } from "./Notification.ts"

/** The connection is open, but notifications do not arrive through it. */
class EchoLost extends Data.TaggedError("EchoLost")<{ readonly message: string }> {}

export interface ListenOptions {
  /** Called with each notification. */
  readonly onNotification: (payload: string) => void
  /** Sends a notification that arrives on this connection. */
  readonly echo: Effect.Effect<void>
  /** Called with undefined when notifications arrive again, and with the reason when they no longer do. */
  readonly onChange: (trouble: string | undefined) => void
  /** How often the connection is checked with an echo; also how long the echo may take. */
  readonly check: Duration.Input
}

/** How long closing a connection may take. */
const closeTimeout = "1 second"

/** The pause between two attempts to listen, with jitter so that replicas do not reconnect in step. */
const pause = Schedule.jittered(Schedule.spaced("1 second"))

/** The pause where a connection pooler does not support LISTEN: a person has to change the configuration. */
const longPause = "30 seconds"

const unheard = "not receiving wakes from other replicas"

/** The connection pooler that caused the failure, if any. */
const poolerIn = (cause: { readonly message: string }): PoolerInTheWay | undefined =>
  SqlError.isSqlError(cause) ? poolerInTheWay(cause) : undefined

/** Closes the connection, in the background after 1 s: the server that must answer may be what no longer responds. */
const close = (scope: Scope.Closeable, exit: Exit.Exit<unknown, unknown>) =>
  Effect.flatMap(
    Effect.forkDetach(Scope.close(scope, exit)),
    (fiber) => Effect.interruptible(Effect.timeoutOption(Fiber.join(fiber), closeTimeout))
  )

/**
 * Listens to the channel on one connection, and on a new one whenever that is lost, until it is interrupted. An echo that
 * does not arrive reveals a connection whose other end has vanished. Completes `first` when the first attempt listens or
 * fails.
 */
export const keepListening = (
  sql: PgClient.PgClient,
  { check, echo, onChange, onNotification }: ListenOptions,
  first: Deferred.Deferred<void>
): Effect.Effect<void> => {
  let down = false
  let received = 0
  const listening = Effect.suspend(() => {
    const again = down
    down = false
    onChange(undefined)
    return Effect.andThen(
      again ? Effect.logInfo("receiving wakes from other replicas again") : Effect.void,
      Deferred.succeed(first, undefined)
    )
  })
  const lost = (cause: { readonly message: string }) =>
    Effect.suspend(() => {
      const news = !down
      down = true
      const pooler = poolerIn(cause)
      onChange(pooler === undefined ? unheard : `${unheard}: ${pooler.message}`)
      const warning = Effect.logWarning(unheard).pipe(
        Effect.annotateLogs("cause", pooler?.message ?? cause.message)
      )
      return (news ? warning : Effect.void).pipe(
        Effect.andThen(Deferred.succeed(first, undefined)),
        Effect.andThen(pooler === undefined ? Effect.void : Effect.sleep(longPause))
      )
    })
  const watch = Effect.gen(function*() {
    yield* Effect.sleep(check)
    const before = received
    yield* echo
    yield* Effect.sleep(check)
    if (received === before) return yield* new EchoLost({ message: "an echo did not arrive" })
  })
  const attempt = Effect.gen(function*() {
    const inbox = yield* sql.listen(channel)
    yield* listening
    const drain = Effect.map(Queue.takeAll(inbox), (notifications) => {
      received += notifications.length
      for (const { payload } of notifications) onNotification(payload)
    })
    return yield* Effect.raceFirst(Effect.forever(drain), Effect.forever(watch))
  })
  return Effect.acquireUseRelease(Scope.make(), (scope) => Scope.provide(attempt, scope), close).pipe(
    Effect.tapError(lost),
    Effect.retry(pause),
    onMachineClock,
    Effect.orDie
  )
}
