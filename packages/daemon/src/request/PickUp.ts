import {
  type Json,
  type Outcome,
  readAckWork,
  type RequestKind,
  requestKinds,
  type RuntimeId,
  type Transport,
  type Work
} from "@muster/domain"
import { Clock, Context, Deferred, Effect, FiberSet, Layer, Semaphore } from "effect"
import { ServerApi } from "../client/ServerApi.ts"
import { Conditions } from "../condition/Conditions.ts"
import { makeRoutineLog } from "../log/RoutineLog.ts"
import { observeWork } from "../metrics/observeWork.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import { type OwnRuntime, runtimeOf } from "../runtime/RuntimeState.ts"
import { type Delivery, Handlers } from "./Handlers.ts"
import { Outbox } from "./Outbox.ts"
import { SeenIds } from "./SeenIds.ts"

/** How many request ids are remembered so that none is worked on twice. */
const remembered = 4_096

/** How many requests of one runtime are worked on at a time, and how many may be taken on at all. */
const concurrencyPerRuntime = 4
const maxPerRuntime = 512

/** Below this many in flight, a runtime whose last batch was full fetches more: not earlier, so that none waits here for long. */
const fetchMoreBelow = concurrencyPerRuntime

/** Whether there may be more: a kind's batch came as full as it may be. */
const isFull = (items: ReadonlyArray<Work>): boolean =>
  requestKinds.some(({ batch, name }) =>
    batch !== undefined && items.filter(({ kind }) => kind === name).length >= batch.most
  )

/** How long the work on a kind may take, in ms: the daemon gives up before the server does, so that it can say so. */
const limitOf = ({ terms: { running } }: RequestKind) => running - Math.min(10_000, running / 5)

/** How work comes, in words. */
const ways: Record<Transport, string> = { socket: "WebSocket", beat: "an HTTP heartbeat" }

const failed = (error: string): Outcome => ({ _tag: "Failed", error })

/** The requests of one runtime that are waiting or worked on. */
interface InFlight {
  readonly gate: Semaphore.Semaphore
  count: number
  /** More of them may wait on the server. */
  more: boolean
}

/**
 * Picks up the work that acks bring. A request id is worked on once however often it is delivered; a runtime whose CLI
 * hangs delays no other runtime. The work runs in the scope this is built in: the end of the beat that brought it, or of
 * its runtime, does not cut it.
 */
export class PickUp extends Context.Service<PickUp, {
  /** Takes on the work in an ack's fields and answers at once. Work of a runtime that is not ours is left alone. */
  readonly accept: (id: RuntimeId, fields: Json, via: Transport) => Effect.Effect<void>
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
      const kinds = new Map(requestKinds.map((kind) => [kind.name, kind]))
      /** The requests in flight of each runtime; removed with the last of them. */
      const inFlight = new Map<RuntimeId, InFlight>()

      const outcome = (
        runtime: OwnRuntime,
        kind: RequestKind,
        { payload }: Work,
        delivery: Delivery
      ): Effect.Effect<Outcome> => {
        const handler = handlers.get(kind.name)
        if (handler === undefined) return Effect.succeed(failed(`this daemon cannot do ${kind.name}`))
        const limit = limitOf(kind)
        return handler(runtime, payload, delivery).pipe(
          Effect.map((result): Outcome => ({ _tag: "Completed", result })),
          Effect.timeoutOrElse({
            duration: limit,
            orElse: () => Effect.succeed(failed(`${runtime.provider} did not answer within ${limit / 1_000} s`))
          }),
          Effect.catch(({ message }) => Effect.succeed(failed(message))),
          Effect.catchDefect((defect) =>
            Effect.as(Effect.logError(`${kind.name} broke`, defect), failed(`the daemon broke on ${kind.name}`))
          )
        )
      }

      const work = (runtime: OwnRuntime, kind: RequestKind, item: Work, own: InFlight, delivery: Delivery) =>
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

      /** A beat out of limited. Where it fails, the next one brings the work. */
      const fetchMore = (id: RuntimeId): Effect.Effect<void> =>
        server.heartbeat(id).pipe(
          Effect.flatMap(({ fields, gone }) => gone ? set.gone(id) : accept(id, fields, "beat")),
          Effect.catchTag("Gone", () => set.gone(id)),
          Effect.ignore
        )

      const take = (runtime: OwnRuntime, item: Work, { at, via }: Pick<Delivery, "at" | "via">): Effect.Effect<void> =>
        Effect.flatMap(outbox.holds(item.id), (done) => {
          const kind = kinds.get(item.kind)
          const own = inFlight.get(runtime.id) ??
            { gate: Semaphore.makeUnsafe(concurrencyPerRuntime), count: 0, more: false }
          const full = `full:${runtime.id}`
          // An earlier process did it: its report is on its way.
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

      const accept = Effect.fnUntraced(function*(id: RuntimeId, fields: Json, via: Transport) {
        const items = readAckWork(requestKinds, fields)
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
