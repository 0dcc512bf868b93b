import type { RequestId, RequestStatus } from "@muster/domain"
import { type Duration, Effect, Schedule } from "effect"
import { call } from "../api/Call.ts"
import { Failure } from "../failure/Failure.ts"
import type { Connection } from "../profile/Connection.ts"

/** What every kind's public record shows. */
export interface RequestView {
  readonly id: RequestId
  readonly status: RequestStatus
  readonly error?: string
}

/** Whether nothing more will happen to it. */
export const isSettled = ({ status }: RequestView): boolean => status !== "pending" && status !== "running"

/**
 * How long one look at a request may wait for its end, in seconds. A look at a waiting request is short, so that the
 * person sees it being picked up; the first ones return at once, since a connected daemon picks up within milliseconds.
 */
const waitFor = ({ status }: RequestView, looks: number) => status === "running" ? longest : looks < quickLooks ? 0 : 1
const longest = 20
const quickLooks = 10

/** Between two looks, for a server that knows no waiting. */
const pause = "100 millis"

const retries = Schedule.max([Schedule.exponential("200 millis"), Schedule.recurs(3)])

const lost = new Failure({
  class: "notFound",
  code: "request_not_found",
  sentence:
    "the server no longer knows the request: it was restarted meanwhile, the request expired, or its Redis lost it",
  next: "ask again; if it happens again, see what muster doctor says about Redis"
})

const isLost = ({ code }: Failure) => code === "request_not_found" || code === "update_not_found"

/**
 * Asks something of a runtime and follows the request to its end. `onChange` sees every state that was seen, in order. A
 * look that fails because the server is away for a moment is repeated; the question itself is asked once. `limit`: the
 * server's own limits have ended the request by then; it is broken when it has not. `onlyEnd`: only the end matters, so
 * each look waits for it.
 */
export const follow = Effect.fn("follow")(
  function*<A extends RequestView, E, E2>(options: {
    readonly connection: Connection
    readonly limit: Duration.Input
    readonly ask: Effect.Effect<A, E>
    readonly look: (requestId: RequestId, query: { readonly wait?: string }) => Effect.Effect<A, E2>
    readonly onChange: (record: A) => Effect.Effect<void>
    readonly onlyEnd?: boolean
  }) {
    const { ask, connection, look, onChange, onlyEnd = false } = options
    let record = yield* ask.pipe(call(connection))
    yield* onChange(record)
    for (let looks = 0; !isSettled(record); looks++) {
      if (!onlyEnd || looks > 0) yield* Effect.sleep(pause)
      const wait = onlyEnd ? longest : waitFor(record, looks)
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
