import type { StoreUnavailable } from "@muster/domain"
import { Duration, Effect } from "effect"
import { operationDeadline, tooLate } from "../client/Operation.ts"
import { onWallClock } from "../client/WallClock.ts"

const deadline = Duration.fromInputUnsafe(operationDeadline)

/**
 * One call of an operation that shares its statement with others, as `Service.method`: it has a span, and a deadline that
 * counts the wait for its turn. Nothing is lost with the caller who gives up, so there is nothing to wait for then.
 */
export const asCall =
  (operation: string) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | StoreUnavailable, R> =>
    effect.pipe(
      Effect.timeoutOrElse({ duration: deadline, orElse: () => tooLate(operation) }),
      onWallClock,
      Effect.withSpan(operation, {}, { captureStackTrace: false })
    )
