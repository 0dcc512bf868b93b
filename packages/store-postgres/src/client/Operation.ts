import type { Store } from "@muster/domain"
import { interruptInBackground, onMachineClock, spanIfTraced } from "@muster/kit"
import { Clock, Duration, Effect, Schema } from "effect"
import { SqlError } from "effect/sql"
import { gaveUp, unavailable } from "./Fault.ts"

/** The maximum duration of a store operation: the wait for a connection and all its statements. */
export const operationDeadline = Duration.seconds(6)

type Answered<E> = E extends SqlError.SqlError | Schema.SchemaError ? Store.StoreUnavailable : E

const answered = (operation: string) => <E>(error: E): Answered<E> =>
  (error instanceof SqlError.SqlError || Schema.isSchemaError(error)
    ? unavailable(operation, error)
    : error) as Answered<
      E
    >

/** The error of a call that exceeded its deadline. */
export const tooLate = (operation: string): Effect.Effect<never, Store.StoreUnavailable> =>
  Effect.suspend(() => Effect.fail(gaveUp(operation, "the database did not answer in time")))

/**
 * Waits no longer than the deadline, even for a database that does not answer: the driver takes seconds to cancel a
 * statement then.
 */
const within = (operation: string, duration: Duration.Input) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.timeoutOrElse(interruptInBackground(effect), { duration, orElse: () => tooLate(operation) })

/**
 * One operation of a store, as `Service.method`: it has a deadline and, if traced, a span, and fails with `StoreUnavailable` if the
 * database failed or a row is not valid. Time inside is the machine's; read `Clock` before.
 */
export const asOperation =
  (operation: string, deadline: Duration.Input = operationDeadline) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Answered<E> | Store.StoreUnavailable, R> =>
    effect.pipe(
      Effect.mapError(answered(operation)),
      within(operation, deadline),
      onMachineClock,
      spanIfTraced(operation)
    )

/** The same for one that needs the time: the caller's, epoch ms, read before the clock inside becomes the machine's. */
export const asOperationNow = <A, E, R>(
  operation: string,
  run: (now: number) => Effect.Effect<A, E, R>,
  deadline?: Duration.Input
): Effect.Effect<A, Answered<E> | Store.StoreUnavailable, R> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => asOperation(operation, deadline)(run(now)))
