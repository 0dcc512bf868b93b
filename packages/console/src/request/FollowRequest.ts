import { Effect, Schedule } from "effect"
import { type Problem, problemOf } from "../api/Problem.ts"

/** What every request's public record says. Times are epoch ms of the server's clock. */
export interface Asked {
  readonly id: string
  readonly status: "pending" | "running" | "completed" | "failed" | "timeout"
  readonly error?: string
  readonly createdAt: number
  readonly updatedAt: number
}

type Unfinished = "pending" | "running"

const isUnfinished = (status: Asked["status"]): status is Unfinished => status === "pending" || status === "running"

/** How long one look waits for the request to move on, in seconds. */
const wait = 20

/** A request that its server has not ended after this is lost. */
const limit = "5 minutes"

const again = Schedule.max([Schedule.exponential("300 millis"), Schedule.recurs(4)])
const passing: ReadonlySet<string> = new Set(["unreachable", "unavailable", "timeout", "stopping"])

/**
 * Asks, and follows the request to its end. `onChange` sees each state as soon as the server does. The question itself is
 * asked once; a look that fails because the server is away for a moment is repeated.
 */
export const follow = <R extends Asked>(
  ask: Effect.Effect<R, unknown>,
  look: (id: R["id"], query: { readonly wait: string; readonly while: Unfinished }) => Effect.Effect<R, unknown>,
  onChange: (record: R) => void
): Effect.Effect<R, Problem> =>
  Effect.gen(function*() {
    let record = yield* Effect.mapError(ask, problemOf)
    onChange(record)
    while (isUnfinished(record.status)) {
      record = yield* look(record.id, { wait: String(wait), while: record.status }).pipe(
        Effect.timeout(`${wait + 10} seconds`),
        Effect.mapError(problemOf),
        Effect.retry({ schedule: again, while: ({ code }) => passing.has(code) })
      )
      onChange(record)
    }
    return record
  }).pipe(Effect.timeout(limit), Effect.mapError(problemOf))
