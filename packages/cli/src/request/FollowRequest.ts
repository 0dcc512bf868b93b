import type { Request } from "@muster/domain"
import { type Duration, Effect, Schedule } from "effect"
import { call } from "../api/Call.ts"
import { Failure } from "../failure/Failure.ts"
import type { Connection } from "../profile/Connection.ts"

/** The fields that the public records of all kinds share. */
export interface RequestView {
  readonly id: Request.RequestId
  readonly status: Request.RequestStatus
  readonly error?: string
}

/** Whether the request is settled. */
const isSettled = ({ status }: RequestView): boolean => status !== "pending" && status !== "running"

/**
 * Returns how long one poll of a request waits for its end, in seconds. Polls of a pending request are short, to show when
 * it is picked up; the first ones return immediately, since a connected daemon picks up within milliseconds.
 */
const waitFor = ({ status }: RequestView, polls: number) => status === "running" ? maxWait : polls < quickPolls ? 0 : 1
const maxWait = 20
const quickPolls = 10

/** The pause between two polls, for a server that does not support `wait`. */
const pause = "100 millis"

const retries = Schedule.max([Schedule.exponential("200 millis"), Schedule.recurs(3)])

const lost = new Failure({
  class: "notFound",
  code: "request_not_found",
  sentence: "the server no longer has the request: it was restarted, the request expired, or its Redis lost it",
  next: "try again; if it happens again, check Redis: muster doctor"
})

const isLost = ({ code }: Failure) => code === "request_not_found" || code === "update_not_found"

/**
 * Creates a request and polls it until it is settled. `onChange` gets every state that was seen, in order. A poll that fails
 * because the server is temporarily unavailable is repeated; the request is created once. `limit`: the timeout of the
 * whole, longer than the server's own limits. `onlyEnd`: each poll waits for the end, without intermediate states.
 */
export const follow = Effect.fn("follow")(
  function*<A extends RequestView, E, E2>(options: {
    readonly connection: Connection
    readonly limit: Duration.Input
    readonly ask: Effect.Effect<A, E>
    readonly look: (requestId: Request.RequestId, query: { readonly wait?: string }) => Effect.Effect<A, E2>
    readonly onChange: (record: A) => Effect.Effect<void>
    readonly onlyEnd?: boolean
  }) {
    const { ask, connection, look, onChange, onlyEnd = false } = options
    let record = yield* ask.pipe(call(connection))
    yield* onChange(record)
    for (let polls = 0; !isSettled(record); polls++) {
      if (!onlyEnd || polls > 0) yield* Effect.sleep(pause)
      const wait = onlyEnd ? maxWait : waitFor(record, polls)
      const next: A = yield* look(record.id, wait === 0 ? {} : { wait: String(wait) }).pipe(
        call(connection, `${wait + 10} seconds`),
        Effect.retry({ schedule: retries, while: (failure) => failure.class === "server" }),
        Effect.mapError((failure) => isLost(failure) ? lost : failure)
      )
      if (next.status !== record.status) yield* onChange(next)
      record = next
    }
    return record
  },
  (effect, { connection, limit }) => effect.pipe(call(connection, limit))
)
