import { endPausesOn } from "@muster/kit"
import { Duration, Effect, Random, Schedule } from "effect"
import type { Gone, Refused, ServerError, Unreachable } from "../client/ServerError.ts"

type ReportError = Gone | Refused | Unreachable

/** The pauses between the first attempts to send a report, in ms: so they are made at about 0, 0.5, 2.5 and 6.5 s. */
const firstPauses = [500, 2_000, 4_000]

/** After those: the first and the longest pause. */
const laterPauses = { first: "10 seconds", max: "2 minutes" } as const

/** Reports that the server's return wakes are spread over this, in ms. */
const spread = 1_000

/** The pause that the server asked for, in ms. */
const askedBy = (error: ServerError) => error._tag === "Unreachable" ? error.retryAfter ?? 0 : 0

const untilRefused = Schedule.while(({ input }: Schedule.InputMetadata<ReportError>) => input._tag === "Unreachable")

/**
 * The pauses of the first four attempts, each at least as long as the server's `Retry-After`. No answer, 5xx, 408 and 429 are
 * tried again; any other refusal is the end. Source: `docs/protocol.md` 13.4.
 */
const early = Schedule.recurs(firstPauses.length).pipe(
  Schedule.setInputType<ReportError>(),
  untilRefused,
  Schedule.modifyDelay(({ attempt, input }) =>
    Effect.succeed(Duration.millis(Math.max(firstPauses[attempt - 1] ?? 0, askedBy(input))))
  )
)

/** What the delivery of a report depends on. */
export interface LaterAttempts {
  /** Waits for the server's return, which ends a pause. */
  readonly returned: Effect.Effect<void>
  /** Runs before each pause, with the error of the attempt before it. */
  readonly onRetry: (error: Unreachable) => Effect.Effect<void>
}

/**
 * The pauses after that, without end: doubling, each between half of it and all of it. The server's return ends them, its
 * `Retry-After` is kept.
 */
const later = ({ onRetry, returned }: LaterAttempts) =>
  Schedule.min([Schedule.exponential(laterPauses.first), Schedule.spaced(laterPauses.max)]).pipe(
    Schedule.setInputType<ReportError>(),
    untilRefused,
    Schedule.tap(({ input }) => input._tag === "Unreachable" ? onRetry(input) : Effect.void),
    Schedule.modifyDelay(({ duration, input }) =>
      Effect.map(Random.next, (random) => Math.max(Duration.toMillis(duration) * (0.5 + random / 2), askedBy(input)))
    ),
    endPausesOn({
      wake: Effect.andThen(returned, Effect.flatMap(Random.next, (random) => Effect.sleep(random * spread))),
      least: (error) => Effect.succeed(askedBy(error))
    })
  )

/** Sends a report, four times at most. */
export const sendReport = <A, E extends ReportError>(send: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.retry(send, early)

/** Sends a report until the server accepts or refuses it: after the first four attempts with growing pauses. */
export const deliverReport =
  (attempts: LaterAttempts) => <A, E extends ReportError>(send: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.retry(send, Schedule.concat(early, later(attempts)))
