import type { Request } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Array as Arr, Clock, Context, Deferred, Effect, FiberMap, Layer, Option, Ref, Result } from "effect"
import { type Report, ServerApi } from "../client/ServerApi.ts"
import type { Gone, Refused, Unreachable } from "../client/ServerError.ts"
import { ServerReach } from "../client/ServerReach.ts"
import { serverDown } from "../client/ServerWatch.ts"
import {
  admitReport,
  emptyOutbox,
  expendable,
  type HeldReport,
  markStored,
  outboxBounds,
  withoutReport,
  withStored
} from "./OutboxState.ts"
import { failureFor, isProxyLimit } from "./ProxyLimit.ts"
import { ReportShelf } from "./ReportShelf.ts"
import { makeSharedConcurrency } from "./RuntimeConcurrency.ts"
import { deliverReport, sendReport } from "./SendReport.ts"
import { readReport, type StoredReport, writeReport } from "./StoredReport.ts"

/** How many reports are sent concurrently: of one runtime, and of all. A report in a pause does not count. */
const concurrency = { each: 4, all: 64 }

/** How long a start waits for the reports of an earlier process to be sent, in ms. */
const replayTimeout = 2_000

/** The reports in an outbox: the server is not known to have them. */
export interface OutboxDepth {
  readonly reports: number
  readonly bytes: number
}

const makeDependencies = Effect.gen(function*() {
  return {
    server: yield* ServerApi,
    reach: yield* ServerReach,
    shelf: yield* ReportShelf,
    conditions: yield* Conditions,
    limited: yield* makeSharedConcurrency(concurrency),
    state: yield* Ref.make(emptyOutbox),
    deliveries: yield* FiberMap.make<Request.RequestId>()
  }
})

type Dependencies = Effect.Success<typeof makeDependencies>

const toHeld = (stored: StoredReport, bytes: number, onDisk: boolean): HeldReport => ({
  ...stored,
  bytes,
  stored: onDisk,
  tried: Deferred.makeUnsafe(),
  attempted: Deferred.makeUnsafe()
})

/** Reports that a delivered result is still on the disk. */
const onUndroppable = Effect.fnUntraced(
  function*({ conditions, shelf, state }: Dependencies, id: Request.RequestId, reason: string) {
    // A report that could not be stored may not be on the disk.
    if ((yield* Ref.get(state)).held.get(id)?.stored !== true) return
    yield* conditions.begin(
      "outbox:drop",
      `cannot remove delivered results from ${shelf.place}, sending them again at the next start: ${reason}`,
      { lapse: "delivered results are removed again" }
    )
  }
)

/** Removes a report from the disk and from the state. */
const drop = (deps: Dependencies, id: Request.RequestId) =>
  deps.shelf.drop(id).pipe(
    Effect.catch(({ reason }) => onUndroppable(deps, id, reason)),
    Effect.andThen(Ref.update(deps.state, (all) => withoutReport(all, id)))
  )

const onRefusal = ({ conditions }: Dependencies) => (error: Gone | Refused | Unreachable) =>
  conditions.begin("outbox:refused", `a result was not delivered and is lost: ${error.message}`, {
    lapse: "no further result was lost"
  })

const onRetry = Effect.fnUntraced(function*({ conditions, state }: Dependencies, one: HeldReport, error: Unreachable) {
  yield* Deferred.succeed(one.attempted, undefined)
  yield* conditions.begin(
    "outbox:waiting",
    `cannot deliver results (${(yield* Ref.get(state)).held.size} waiting), retrying: ${error.message}`,
    { because: serverDown }
  )
})

type Send = (report: Report) => Effect.Effect<void, Gone | Refused | Unreachable>

/** Sends a report, and a failure instead if a proxy refuses its size: else the request would end as a timeout. */
const orFailure = ({ conditions }: Dependencies, send: Send): Send => (report) =>
  send(report).pipe(
    Effect.catchIf(isProxyLimit, (error) => {
      const failure = failureFor(report)
      if (failure === undefined) return Effect.fail(error)
      return conditions.begin(
        "outbox:proxy",
        `a proxy refused the size of a result, reporting a failure instead: ${error.message}`,
        { lapse: "no further result was refused because of its size" }
      ).pipe(Effect.andThen(send(failure)))
    })
  )

const sendOnce = ({ limited, server }: Dependencies): Send => (report) =>
  limited(report.runtimeId, server.report(report))

/** Sends a report until the server accepts or refuses it, then removes it. */
const deliver = Effect.fnUntraced(function*(deps: Dependencies, one: HeldReport) {
  const { conditions, reach: { returned }, state } = deps
  const { report } = one
  const send: Send = (report) =>
    sendOnce(deps)(report).pipe(
      Effect.ensuring(Deferred.succeed(one.tried, undefined)),
      deliverReport({ returned, onRetry: (error) => onRetry(deps, one, error) })
    )
  yield* orFailure(deps, send)(report).pipe(
    Effect.catch(onRefusal(deps)),
    Effect.andThen(drop(deps, report.requestId)),
    Effect.ensuring(Deferred.succeed(one.attempted, undefined))
  )
  if ((yield* Ref.get(state)).held.size === 0) yield* conditions.end("outbox:waiting", "all results were delivered")
})

const begin = (deps: Dependencies, one: HeldReport) =>
  Effect.asVoid(FiberMap.run(deps.deliveries, one.report.requestId, deliver(deps, one)))

/** Drops expired reports, oldest first, until this many bytes fit or none is left. */
const makeRoom = (deps: Dependencies, bytes: number, now: number): Effect.Effect<void> =>
  Effect.gen(function*() {
    const oldest = expendable(yield* Ref.get(deps.state), bytes, now)
    if (oldest === undefined) return
    yield* FiberMap.remove(deps.deliveries, oldest.report.requestId)
    yield* drop(deps, oldest.report.requestId)
    yield* deps.conditions.begin("outbox:full", "outbox is full: dropping results whose requests have expired", {
      lapse: "outbox has room again"
    })
    yield* makeRoom(deps, bytes, now)
  })

/** Sends a report that does not fit: it is lost if the server has not accepted it after four attempts. */
const sendUnheld = Effect.fnUntraced(function*(deps: Dependencies, report: Report) {
  yield* deps.conditions.begin(
    "outbox:unkept",
    `results are sent but not stored, and lost if the server does not accept them now: the outbox in ${deps.shelf.place} is full`
  )
  const send: Send = (report) => sendReport(sendOnce(deps)(report))
  yield* orFailure(deps, send)(report).pipe(Effect.catch(onRefusal(deps)))
})

/** Stores a report, then begins to send it. One that cannot be stored is sent first. */
const storeAndSend = Effect.fnUntraced(function*(deps: Dependencies, one: HeldReport, text: string) {
  const { conditions, shelf, state } = deps
  const id = one.report.requestId
  const failure = yield* Effect.result(shelf.put(id, text))
  if (Result.isSuccess(failure)) {
    yield* Ref.update(state, (all) => markStored(all, id))
    yield* conditions.end("outbox:unkept", "results are stored again")
    return yield* begin(deps, one)
  }
  yield* conditions.begin(
    "outbox:unkept",
    `results are sent but not stored, and lost if the daemon ends first: cannot write ${shelf.place} (${failure.failure.reason})`
  )
  yield* begin(deps, one)
  yield* Deferred.await(one.attempted)
})

const post = Effect.fn("Outbox.post")(function*(deps: Dependencies, report: Report) {
  const finishedAt = yield* Clock.currentTimeMillis
  const text = writeReport({ report, finishedAt })
  const one = toHeld({ report, finishedAt }, Buffer.byteLength(text), false)
  const admit = Ref.modify(deps.state, (all) => admitReport(all, one))
  const first = yield* admit
  if (first === "full") yield* makeRoom(deps, one.bytes, finishedAt)
  const verdict = first === "full" ? yield* admit : first
  if (verdict === "full") return yield* sendUnheld(deps, report)
  if (verdict === "held") yield* storeAndSend(deps, one, text)
})

/** Returns the report in a stored text, or its name if the text is not a report with this name. */
const readStored = (name: string, text: string) =>
  Option.match(Option.filter(readReport(text), ({ report }) => report.requestId === name), {
    onNone: () => Result.fail(name),
    onSome: (stored) => Result.succeed(toHeld(stored, Buffer.byteLength(text), true))
  })

/** Begins to send the reports of an earlier process, oldest first, and moves aside what is no report. */
const replay = Effect.fn("Outbox.replay")(function*(deps: Dependencies) {
  const { shelf } = deps
  const found = yield* shelf.contents(outboxBounds)
  const [reports, others] = Arr.partition(found.texts, ({ name, text }) => readStored(name, text))
  yield* Effect.forEach(others, shelf.setAside, { discard: true })
  const damaged = found.damaged + others.length
  if (damaged > 0) {
    yield* Effect.logWarning(`${damaged} stored results could not be read and were moved aside in ${shelf.place}`)
  }
  const replaying = reports.toSorted((a, b) => a.finishedAt - b.finishedAt)
  yield* Ref.update(deps.state, (all) => replaying.reduce(withStored, all))
  yield* Effect.forEach(replaying, (one) => begin(deps, one), { discard: true })
  return replaying
})

/** Waits until these reports have been sent once, at most `replayTimeout`. */
const awaitTried = (reports: ReadonlyArray<HeldReport>) =>
  Effect.forEach(reports, ({ tried }) => Deferred.await(tried), { discard: true }).pipe(
    Effect.timeoutOption(replayTimeout),
    Effect.asVoid
  )

/**
 * Delivers the results of requests. A report is stored on disk before the first attempt, until the server accepts or
 * rejects it, so that neither a crash of the daemon nor an outage of the server loses it. It holds at most 1,000 reports
 * and 32 MiB: when full, it drops reports whose requests have expired, oldest first; if there are none, a new report is sent
 * at once, at most four times. A report that cannot be stored is sent for as long as the daemon runs.
 */
export class Outbox extends Context.Service<Outbox, {
  /**
   * Returns when the caller need not wait any longer: when the report is stored, else when the first attempts are over. It
   * does not report whether the server accepted it.
   */
  readonly post: (report: Report) => Effect.Effect<void>
  /** Returns whether it holds the report of this request: then the work is done and must not be repeated. */
  readonly holds: (id: Request.RequestId) => Effect.Effect<boolean>
  readonly depth: Effect.Effect<OutboxDepth>
  /** Waits until the reports of an earlier process have been sent once, at most 2 s. */
  readonly replayed: Effect.Effect<void>
}>()("@muster/daemon/request/Outbox") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const deps = yield* makeDependencies
      const replaying = yield* replay(deps)
      return Outbox.of({
        post: (report) => post(deps, report),
        holds: (id) => Effect.map(Ref.get(deps.state), ({ held }) => held.has(id)),
        depth: Effect.map(Ref.get(deps.state), ({ bytes, held }) => ({ reports: held.size, bytes })),
        replayed: awaitTried(replaying)
      })
    })
  )
}
