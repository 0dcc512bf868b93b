import type { Identity } from "@muster/domain"
import { endPausesOn } from "@muster/kit"
import { Clock, Data, Duration, Effect, Random, Ref, Schedule } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import type { Refused, Unreachable } from "../client/ServerError.ts"
import type { DaemonIntervals } from "../Intervals.ts"

/** How many registrations of one workspace may begin within a window; the next one waits for the next window. */
const burst = { limit: 5, window: "1 minute" } as const

/** The server took the registration but answered without a usable runtime for some CLIs. */
export class Incomplete extends Data.TaggedError("Incomplete")<{ readonly providers: ReadonlyArray<string> }> {
  override get message() {
    return `the server registered no usable runtime for ${this.providers.join(", ")}`
  }
}

/** Why a registration is retried. */
export type RegistrationFailure = Refused | Unreachable | Incomplete

/** The time over which registrations after the server's recovery are spread, in ms, unless the server asked for more. */
const spread = 1_000

const askedBy = (failure: RegistrationFailure) => failure._tag === "Unreachable" ? failure.retryAfter ?? 0 : 0

/**
 * Returns what waits, before each registration of a workspace, until one may begin: 5 in a minute, also where each succeeds
 * and is undone again.
 */
export const makeRegistrationLimit = RateLimiter.make.pipe(
  Effect.provide(RateLimiter.layerStoreMemory),
  Effect.map((limiter) => (id: Identity.WorkspaceId): Effect.Effect<void> =>
    Effect.orDie(Effect.asVoid(RateLimiter.sleep(limiter, { ...burst, key: id })))
  )
)

/** The pauses between failed registrations, and what ends them. */
export interface RegistrationPauses {
  readonly pauses: DaemonIntervals["registerAgain"]
  /** Waits for the recovery of the server. */
  readonly recovered: Effect.Effect<void>
  /** The reconnect window, in ms. */
  readonly window: Effect.Effect<number>
}

/**
 * Returns the pauses between failed registrations of one workspace: `first`, then up to `max`, with jitter so that a fleet
 * does not return all at once; as long as the server asked for where that is within `max`. No pause is longer than `max`.
 *
 * The server's recovery ends a pause, at a random moment of the reconnect window, but one pause per `first` at most: so a
 * server that fails and recovers again and again, or refuses only this workspace, is not asked more often.
 */
export const makeRegistrationPauses = Effect.fnUntraced(
  function*({ pauses: { first, max }, recovered, window }: RegistrationPauses) {
    const endedAt = yield* Ref.make(-Infinity)

    const recovery = Effect.gen(function*() {
      yield* recovered
      yield* Effect.sleep((yield* Random.next) * Math.max(yield* window, spread))
      yield* Ref.set(endedAt, yield* Clock.currentTimeMillis)
    })

    const untilEndable = Effect.fnUntraced(function*(failure: RegistrationFailure) {
      const sinceEnded = (yield* Clock.currentTimeMillis) - (yield* Ref.get(endedAt))
      return Math.max(askedBy(failure), first - sinceEnded)
    })

    const jittered = (usual: number, asked: number) =>
      Effect.map(Random.next, (random) => Math.min(Math.max(usual, asked) * (1 + random / 5), max * (1 - random / 6)))

    return Schedule.min([Schedule.exponential(first), Schedule.spaced(max)]).pipe(
      Schedule.setInputType<RegistrationFailure>(),
      Schedule.modifyDelay(({ duration, input }) => jittered(Duration.toMillis(duration), askedBy(input))),
      endPausesOn({ wake: recovery, least: untilEndable })
    )
  }
)
