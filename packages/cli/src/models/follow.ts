import type { ModelListRecord, RuntimeId } from "@muster/domain"
import { Effect, Schedule } from "effect"
import { call } from "../api/call.ts"
import type { Session } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"

export type ModelListing = typeof ModelListRecord.Type

/** Whether nothing more will happen to it. */
export const isSettled = ({ status }: ModelListing): boolean => status !== "pending" && status !== "running"

/**
 * How long one look at a request may wait for its end, in seconds. A look at a waiting request is short, so that the
 * person sees it being picked up; the first ones return at once, since a connected daemon picks up within milliseconds.
 */
const waitFor = ({ status }: ModelListing, looks: number) => status === "running" ? 20 : looks < quickLooks ? 0 : 1
const quickLooks = 10

/** Between two looks, for a server that knows no waiting. */
const pause = "100 millis"

/** The server's own limits end a request after 90 s; it is broken when it has not after this. */
const limit = "100 seconds"

const retries = Schedule.max([Schedule.exponential("200 millis"), Schedule.recurs(3)])

const lost = new Failure({
  class: "notFound",
  code: "request_not_found",
  sentence: "the server no longer knows the request: it was restarted meanwhile, or the request expired",
  next: "ask again"
})

/**
 * Asks a runtime for its models and follows the request to its end. `onChange` sees every state that was seen, in order.
 * A look that fails because the server is away for a moment is repeated; the question itself is asked once.
 */
export const askModels = Effect.fn("askModels")(function*(
  { connection, muster }: Session,
  runtimeId: RuntimeId,
  onChange: (record: ModelListing) => Effect.Effect<void>
) {
  let record = yield* muster.requests.askModelList({ params: { runtimeId } }).pipe(call(connection))
  yield* onChange(record)
  for (let looks = 0; !isSettled(record); looks++) {
    yield* Effect.sleep(pause)
    const wait = waitFor(record, looks)
    const next = yield* muster.requests.lookModelList({
      params: { runtimeId, requestId: record.id },
      query: wait === 0 ? {} : { wait: String(wait) }
    }).pipe(
      call(connection, `${wait + 10} seconds`),
      Effect.retry({ schedule: retries, while: (failure) => failure.class === "server" }),
      Effect.mapError((failure) => failure.code === lost.code ? lost : failure)
    )
    if (next.status !== record.status) yield* onChange(next)
    record = next
  }
  return record
}, (effect, { connection }) => effect.pipe(call(connection, limit)))
