import { StoreUnavailable } from "@muster/domain"
import { Clock, type Duration, Effect, Fiber, Schema } from "effect"
import { SqlError } from "effect/sql"
import { onWallClock } from "./WallClock.ts"

/** The longest that an operation of a store may take: the wait for a connection and all its statements. */
export const operationDeadline: Duration.Input = "6 seconds"

type Answered<E> = E extends SqlError.SqlError | Schema.SchemaError ? StoreUnavailable : E

const unavailable = (operation: string) => <E>(error: E): Answered<E> =>
  (error instanceof SqlError.SqlError || Schema.isSchemaError(error)
    ? new StoreUnavailable({ operation, cause: error })
    : error) as Answered<E>

/**
 * Waits no longer than the deadline, even for a database that has stopped answering: to cancel a statement takes the
 * driver seconds then, and it does so behind our back.
 */
const within = (operation: string, deadline: Duration.Input) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDetach(effect, { startImmediately: true }), (fiber) => {
      const abandon = Effect.sync(() => fiber.interruptUnsafe())
      const tooLate = new StoreUnavailable({ operation, cause: new Error("the database did not answer in time") })
      return Fiber.join(fiber).pipe(
        Effect.timeoutOrElse({ duration: deadline, orElse: () => Effect.andThen(abandon, Effect.fail(tooLate)) }),
        restore,
        Effect.onInterrupt(() => abandon)
      )
    })
  )

/**
 * One operation of a store, as `Service.method`: it has a deadline, a span, and answers `StoreUnavailable` where the
 * database failed or a row is not what it should be. Time inside is the machine's; read `Clock` before.
 */
export const asOperation =
  (operation: string, deadline: Duration.Input = operationDeadline) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Answered<E> | StoreUnavailable, R> =>
    effect.pipe(
      Effect.mapError(unavailable(operation)),
      within(operation, deadline),
      onWallClock,
      Effect.withSpan(operation, {}, { captureStackTrace: false })
    )

/** The same for one that needs the time: the caller's, epoch ms, read before the clock inside becomes the machine's. */
export const asOperationNow = <A, E, R>(
  operation: string,
  run: (now: number) => Effect.Effect<A, E, R>
): Effect.Effect<A, Answered<E> | StoreUnavailable, R> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => asOperation(operation)(run(now)))
