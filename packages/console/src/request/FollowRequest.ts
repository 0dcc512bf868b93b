import { Effect, Schedule } from "effect"
import { type Problem, problemOf } from "../api/Problem.ts"

/** The fields that the public records of all kinds share. Times are epoch ms of the server's clock. */
export interface RequestView {
  readonly id: string
  readonly status: "pending" | "running" | "completed" | "failed" | "timeout"
  readonly error?: string
  readonly createdAt: number
  readonly updatedAt: number
}

type Unfinished = "pending" | "running"

const isUnfinished = (status: RequestView["status"]): status is Unfinished =>
  status === "pending" || status === "running"

/** How long one poll waits for a change of the request, in seconds. */
const wait = 20

/** The timeout of the whole request. */
const limit = "5 minutes"

const retries = Schedule.max([Schedule.exponential("300 millis"), Schedule.recurs(4)])
const temporary: ReadonlySet<string> = new Set(["unreachable", "unavailable", "timeout", "stopping"])

/**
 * Creates a request and polls it until it is settled. `onChange` gets each state as soon as the server has it. The request is
 * created once; a poll that fails because the server is temporarily unavailable is repeated.
 */
export const follow = <R extends RequestView>(
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
        Effect.retry({ schedule: retries, while: ({ code }) => temporary.has(code) })
      )
      onChange(record)
    }
    return record
  }).pipe(Effect.timeout(limit), Effect.mapError(problemOf))
