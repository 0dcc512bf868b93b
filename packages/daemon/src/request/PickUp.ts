import { Ack, Kinds, type Request, type RequestKind, type Runtime } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Context, Deferred, Effect, FiberSet, Layer, Semaphore } from "effect"
import { ServerApi } from "../client/ServerApi.ts"
import { makeRoutineLog } from "../log/RoutineLog.ts"
import { observeWork } from "../metrics/observeWork.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import { type OwnRuntime, runtimeOf } from "../runtime/RuntimeState.ts"
import { type Delivery, Handlers } from "./Handlers.ts"
import { Outbox } from "./Outbox.ts"
import { SeenIds } from "./SeenIds.ts"

/** How many request ids are remembered, so that no request is handled twice. */
const remembered = 4_096

/** How many requests of one runtime are handled concurrently, and how many may be in flight. */
const concurrencyPerRuntime = 4
const maxPerRuntime = 512

/** Below this many in flight, a runtime whose last batch was full fetches more: not earlier, so that none waits here for long. */
const fetchMoreBelow = concurrencyPerRuntime

/** Returns whether there may be more: the batch of a kind was full. */
const isFull = (items: ReadonlyArray<Ack.Work>): boolean =>
  Kinds.all.some(({ batch, name }) =>
    batch !== undefined && items.filter(({ kind }) => kind === name).length >= batch.most
  )

/** Returns the time limit of a kind, in ms: below the server's, so that the daemon can report the timeout. */
const limitOf = ({ terms: { running } }: RequestKind.RequestKind) => running - Math.min(10_000, running / 5)

/** Names of the transports in logs. */
const ways: Record<Runtime.Transport, string> = { socket: "WebSocket", beat: "an HTTP heartbeat" }

const failed = (error: string): Request.Outcome => ({ _tag: "Failed", error })

/** The requests of one runtime that are waiting or being handled. */
interface InFlight {
  readonly gate: Semaphore.Semaphore
  count: number
  /** Whether more may wait on the server. */
  more: boolean
}

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
    Effect.gen(function*() {
      const set = yield* RuntimeSet
      const handlers = yield* Handlers
      const outbox = yield* Outbox
      const conditions = yield* Conditions
      const server = yield* ServerApi
      const fork = yield* FiberSet.makeRuntime<never>()
      const sayPickedUp = yield* makeRoutineLog
      const seen = new SeenIds(remembered)
      const kinds = new Map(Kinds.all.map((kind) => [kind.name, kind]))
      /** The requests in flight of each runtime; removed with the last of them. */
      const inFlight = new Map<Runtime.RuntimeId, InFlight>()

      const outcome = (
        runtime: OwnRuntime,
        kind: RequestKind.RequestKind,
        { payload }: Ack.Work,
        delivery: Delivery
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

      const work = (
        runtime: OwnRuntime,
        kind: RequestKind.RequestKind,
        item: Ack.Work,
        own: InFlight,
        delivery: Delivery
      ) =>
        own.gate.withPermit(outcome(runtime, kind, item, delivery).pipe(observeWork(kind, item.id))).pipe(
          Effect.flatMap((outcome) => outbox.post({ runtimeId: runtime.id, kind, requestId: item.id, outcome })),
          Effect.andThen(Deferred.succeed(delivery.reported, undefined)),
          Effect.ensuring(Effect.sync(() => {
            own.count--
            if (own.count === 0) inFlight.delete(runtime.id)
            if (!own.more || own.count > fetchMoreBelow) return
            own.more = false
            fork(fetchMore(runtime.id))
          }))
        )

      /** Sends an extra heartbeat. If it fails, the next one brings the work. */
      const fetchMore = (id: Runtime.RuntimeId): Effect.Effect<void> =>
        server.heartbeat(id).pipe(
          Effect.flatMap(({ fields, gone }) => gone ? set.gone(id) : accept(id, fields, "beat")),
          Effect.catchTag("Gone", () => set.gone(id)),
          Effect.ignore
        )

      const take = (
        runtime: OwnRuntime,
        item: Ack.Work,
        { at, via }: Pick<Delivery, "at" | "via">
      ): Effect.Effect<void> =>
        Effect.flatMap(outbox.holds(item.id), (done) => {
          const kind = kinds.get(item.kind)
          const own = inFlight.get(runtime.id) ??
            { gate: Semaphore.makeUnsafe(concurrencyPerRuntime), count: 0, more: false }
          const full = `full:${runtime.id}`
          // An earlier process handled it: the outbox holds its report.
          if (kind === undefined || done) return Effect.void
          if (own.count >= maxPerRuntime) {
            // Not remembered: it comes again, or its limit passes.
            return conditions.begin(
              full,
              `${runtime.name} has ${own.count} requests in flight; leaving the rest to the server`
            )
          }
          if (!seen.add(item.id)) return Effect.void
          own.count++
          inFlight.set(runtime.id, own)
          const delivery = { id: item.id, via, at, reported: Deferred.makeUnsafe<void>() }
          return sayPickedUp(`picked up request ${item.id} (${item.kind}) for ${runtime.name} over ${ways[via]}`).pipe(
            Effect.andThen(Effect.sync(() => fork(work(runtime, kind, item, own, delivery)))),
            Effect.andThen(conditions.end(full, `${runtime.name} accepts requests again`))
          )
        })

      const accept = Effect.fnUntraced(function*(id: Runtime.RuntimeId, fields: Request.Json, via: Runtime.Transport) {
        const items = Ack.read(Kinds.all, fields)
        if (items.length === 0) return
        const runtime = runtimeOf(yield* set.state, id)
        if (runtime === undefined) return
        const delivery = { via, at: yield* Clock.currentTimeMillis }
        yield* Effect.forEach(items, (item) => take(runtime, item, delivery), { discard: true })
        const own = inFlight.get(id)
        if (own !== undefined && isFull(items)) own.more = true
      })

      return { accept }
    })
  )
}
