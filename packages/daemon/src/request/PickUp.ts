import { Ack, Kinds, type Request, type RequestKind, type Runtime } from "@muster/domain"
import { Conditions, withRequestTrace } from "@muster/kit"
import { Clock, Context, Deferred, Effect, FiberSet, Layer, Ref } from "effect"
import { ServerApi } from "../client/ServerApi.ts"
import { makeRoutineLog } from "../log/RoutineLog.ts"
import { observeWork } from "../metrics/DaemonMetrics.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import { type OwnRuntime, runtimeOf } from "../runtime/RuntimeState.ts"
import { type Delivery, Handlers } from "./Handlers.ts"
import { concurrencyPerRuntime, finishRequest, inFlightOf, nothingInFlight, takeRequests } from "./InFlight.ts"
import { Outbox } from "./Outbox.ts"
import { makeRuntimeConcurrency } from "./RuntimeConcurrency.ts"

const kinds = new Map(Kinds.all.map((kind) => [kind.name, kind]))

/** Returns whether there may be more: the batch of a kind was full. */
const isFull = (items: ReadonlyArray<Ack.Work>): boolean =>
  Kinds.all.some(({ batch, name }) =>
    batch !== undefined && items.filter(({ kind }) => kind === name).length >= batch.max
  )

/** Returns the time limit of a kind, in ms: below the server's, so that the daemon can report the timeout. */
const limitOf = ({ terms: { running } }: RequestKind.RequestKind) => running - Math.min(10_000, running / 5)

/** Names of the transports in logs. */
const ways: Record<Runtime.Transport, string> = { socket: "WebSocket", beat: "an HTTP heartbeat" }

const failed = (error: string): Request.Outcome => ({ _tag: "Failed", error })

/** A request that was taken, and how it was delivered. */
interface Job {
  readonly runtime: OwnRuntime
  readonly kind: RequestKind.RequestKind
  readonly payload: Request.Json
  readonly delivery: Delivery
}

const makeDependencies = Effect.gen(function*() {
  return {
    set: yield* RuntimeSet,
    handlers: yield* Handlers,
    outbox: yield* Outbox,
    conditions: yield* Conditions,
    server: yield* ServerApi,
    inFlight: yield* Ref.make(nothingInFlight),
    inTurn: yield* makeRuntimeConcurrency(concurrencyPerRuntime),
    sayPickedUp: yield* makeRoutineLog,
    fork: yield* FiberSet.makeRuntime<never>()
  }
})

type Dependencies = Effect.Success<typeof makeDependencies>

/** Runs the kind's handler. Its failure, its timeout and a defect are failed outcomes. */
const handle = (
  { handlers }: Dependencies,
  { delivery, kind, payload, runtime }: Job
): Effect.Effect<Request.Outcome> => {
  const handler = handlers.get(kind.name)
  if (handler === undefined) return Effect.succeed(failed(`this daemon cannot do ${kind.name}`))
  const limit = limitOf(kind)
  return handler(runtime, payload, delivery).pipe(
    Effect.map((result): Request.Outcome => ({ _tag: "Completed", result })),
    Effect.timeoutOrElse({
      duration: limit,
      orElse: () => Effect.succeed(failed(`${runtime.provider} did not answer within ${limit / 1_000} s`))
    }),
    Effect.catch(({ message }) => Effect.succeed(failed(message))),
    Effect.catchDefect((defect) =>
      Effect.as(
        Effect.logError(`${kind.name} failed unexpectedly`, defect),
        failed(`the daemon had an internal error on ${kind.name}`)
      )
    )
  )
}

/** Sends an extra heartbeat. If it fails, the next one brings the work. */
const fetchMore = (deps: Dependencies, id: Runtime.RuntimeId): Effect.Effect<void> =>
  deps.server.heartbeat(id).pipe(
    Effect.flatMap(({ fields, gone }) => gone ? deps.set.gone(id) : accept(deps, id, fields, "beat")),
    Effect.catchTag("Gone", () => deps.set.gone(id)),
    Effect.ignore
  )

const finish = (deps: Dependencies, id: Runtime.RuntimeId) =>
  Effect.map(
    Ref.modify(deps.inFlight, (state) => finishRequest(state, id)),
    (fetch) => {
      if (fetch) deps.fork(fetchMore(deps, id))
    }
  )

/** One request from its turn to its report. */
const work = (deps: Dependencies, job: Job): Effect.Effect<void> => {
  const { delivery: { id, reported }, kind, runtime } = job
  return deps.inTurn(runtime.id, handle(deps, job).pipe(observeWork(kind, id))).pipe(
    Effect.flatMap((outcome) => deps.outbox.post({ runtimeId: runtime.id, kind, requestId: id, outcome })),
    Effect.andThen(Deferred.succeed(reported, undefined)),
    Effect.ensuring(finish(deps, runtime.id)),
    withRequestTrace(id)
  )
}

/** The items whose kind is known and whose report is not in the outbox: an earlier process handled those. */
const undone = ({ outbox }: Dependencies, items: ReadonlyArray<Ack.Work>) =>
  Effect.filter(
    items,
    ({ id, kind }) => kinds.has(kind) ? Effect.map(outbox.holds(id), (done) => !done) : Effect.succeed(false)
  )

const begin = Effect.fnUntraced(
  function*(deps: Dependencies, runtime: OwnRuntime, { id, kind, payload }: Ack.Work, via: Runtime.Transport) {
    const at = yield* Clock.currentTimeMillis
    const delivery = { id, via, at, reported: Deferred.makeUnsafe<void>() }
    yield* deps.sayPickedUp(`picked up request ${id} (${kind}) for ${runtime.name} over ${ways[via]}`)
    deps.fork(work(deps, { runtime, kind: kinds.get(kind)!, payload, delivery }))
  }
)

const sayWhetherFull = Effect.fnUntraced(
  function*({ conditions, inFlight }: Dependencies, runtime: OwnRuntime, left: number) {
    const condition = `full:${runtime.id}`
    if (left === 0) return yield* conditions.end(condition, `${runtime.name} accepts requests again`)
    const count = inFlightOf(yield* Ref.get(inFlight), runtime.id)
    yield* conditions.begin(
      condition,
      `${runtime.name} has ${count} requests in flight; leaving the rest to the server`
    )
  }
)

const pickUp = Effect.fn("PickUp.accept")(
  function*(deps: Dependencies, runtime: OwnRuntime, all: ReadonlyArray<Ack.Work>, via: Runtime.Transport) {
    const items = yield* undone(deps, all)
    const { left, taken } = yield* Ref.modify(
      deps.inFlight,
      (state) => takeRequests(state, runtime.id, { items, more: isFull(all) })
    )
    yield* Effect.annotateCurrentSpan({ "muster.runtime_id": runtime.id, "muster.taken": taken.length })
    yield* Effect.forEach(taken, (item) => begin(deps, runtime, item, via), { discard: true })
    if (taken.length > 0 || left > 0) yield* sayWhetherFull(deps, runtime, left)
  }
)

/** Untraced where there is no work: most acks bring none. */
const accept = Effect.fnUntraced(
  function*(deps: Dependencies, id: Runtime.RuntimeId, fields: Request.Json, via: Runtime.Transport) {
    const items = Ack.read(Kinds.all, fields)
    if (items.length === 0) return
    const runtime = runtimeOf(yield* deps.set.state, id)
    if (runtime !== undefined) yield* pickUp(deps, runtime, items, via)
  }
)

/**
 * Picks up the work in acks. A request id is handled once, however often it is delivered; a runtime whose CLI hangs delays
 * no other runtime. The work runs in the scope of this layer: it outlives the heartbeat that delivered it and its runtime.
 */
export class PickUp extends Context.Service<PickUp, {
  /** Starts the work in the fields of an ack and returns at once. Ignores work of a runtime that is not ours. */
  readonly accept: (id: Runtime.RuntimeId, fields: Request.Json, via: Runtime.Transport) => Effect.Effect<void>
}>()("@muster/daemon/request/PickUp") {
  static readonly layer = Layer.effect(
    this,
    Effect.map(makeDependencies, (deps) => ({ accept: (id, fields, via) => accept(deps, id, fields, via) }))
  )
}
