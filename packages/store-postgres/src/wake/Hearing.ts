import type { PgClient } from "@effect/sql-pg"
import { onMachineClock } from "@muster/kit"
import { Data, Deferred, type Duration, Effect, type Exit, Fiber, Queue, Schedule, Scope } from "effect"
import { SqlError } from "effect/sql"
import { type PoolerInTheWay, poolerInTheWay } from "../client/Pooling.ts"
import { channel } from "./Notification.ts"

/** The connection is there, but what is said into the channel is not heard through it. */
class Deaf extends Data.TaggedError("Deaf")<{ readonly message: string }> {}

export interface HearingOptions {
  /** Called with each notification. */
  readonly hear: (payload: string) => void
  /** Says something into the channel that comes back here. */
  readonly echo: Effect.Effect<void>
  /** Called when hints are heard again (undefined), and when they are not any more, with the reason. */
  readonly tell: (trouble: string | undefined) => void
  /** How often it is checked that this connection still hears; also how long an echo may take. */
  readonly check: Duration.Input
}

const patience = "1 second"

/** Between two attempts to listen; replicas that lost the same server do not come back in step. */
const pause = Schedule.jittered(Schedule.spaced("1 second"))

/** Before it is looked again whether a pooler is still in the way: somebody has to change the configuration. */
const longPause = "30 seconds"

const unheard = "hints of other replicas are not heard"

/** The pooler that is in the way, where that is why. */
const poolerIn = (cause: { readonly message: string }): PoolerInTheWay | undefined =>
  SqlError.isSqlError(cause) ? poolerInTheWay(cause) : undefined

/** To leave takes a word to the server and its answer, for which nobody waits long: it may be what went silent. */
const leave = (scope: Scope.Closeable, exit: Exit.Exit<unknown, unknown>) =>
  Effect.flatMap(
    Effect.forkDetach(Scope.close(scope, exit)),
    (fiber) => Effect.interruptible(Effect.timeoutOption(Fiber.join(fiber), patience))
  )

/**
 * Hears the channel on one connection, and again on another one when it is lost, for as long as it runs. A connection
 * whose other end vanished without a word is found out by an echo that does not come back. `first` is done once it hears,
 * or once the first attempt failed.
 */
export const hearing = (
  sql: PgClient.PgClient,
  { check, echo, hear, tell }: HearingOptions,
  first: Deferred.Deferred<void>
): Effect.Effect<void> => {
  let down = false
  let heard = 0
  const listening = Effect.suspend(() => {
    const again = down
    down = false
    tell(undefined)
    return Effect.andThen(
      again ? Effect.logInfo("hints of other replicas are heard again") : Effect.void,
      Deferred.succeed(first, undefined)
    )
  })
  const lost = (cause: { readonly message: string }) =>
    Effect.suspend(() => {
      const news = !down
      down = true
      const pooler = poolerIn(cause)
      tell(pooler === undefined ? unheard : `${unheard}: ${pooler.message}`)
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
    const before = heard
    yield* echo
    yield* Effect.sleep(check)
    if (heard === before) return yield* new Deaf({ message: "an echo did not come back" })
  })
  const attempt = Effect.gen(function*() {
    const inbox = yield* sql.listen(channel)
    yield* listening
    const drain = Effect.map(Queue.takeAll(inbox), (notifications) => {
      heard += notifications.length
      for (const { payload } of notifications) hear(payload)
    })
    return yield* Effect.raceFirst(Effect.forever(drain), Effect.forever(watch))
  })
  return Effect.acquireUseRelease(Scope.make(), (scope) => Scope.provide(attempt, scope), leave).pipe(
    Effect.tapError(lost),
    Effect.retry(pause),
    onMachineClock,
    Effect.orDie
  )
}
