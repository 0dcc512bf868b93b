import { Context, Deferred, Effect, Layer, Random } from "effect"
import { LoadShedding } from "../pacing/LoadShedding.ts"

/** Up to this many sockets are closed together, so that a small server stops quickly. */
const few = 50

/** How many sockets are closed per second if the window allows: what the other replicas can accept. */
const leavesPerSecond = 100

/** How long closing the sockets may take, in ms. The rest of the shutdown follows. */
export const DrainWindow = Context.Reference<number>("@muster/server/socket/DrainWindow", { defaultValue: () => 1_500 })

/** Coordinates the drain before the server stops: sockets are closed one after another, and `/readyz` reports it. */
export class Draining extends Context.Service<Draining, {
  /** Returns when the drain begins. */
  readonly await: Effect.Effect<void>
  /** Returns when a socket is to close: at a random moment of the drain, so that daemons do not reconnect together. */
  readonly turn: Effect.Effect<void>
  readonly begin: Effect.Effect<void>
  readonly begun: () => boolean
  /** Begins the drain, and returns when its window has passed. */
  readonly complete: Effect.Effect<void>
}>()("@muster/server/socket/Draining") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const shedding = yield* LoadShedding
      const maxWindow = yield* DrainWindow
      const begun = yield* Deferred.make<number>()
      const begin = Effect.suspend(() => {
        const sockets = shedding.sockets()
        return Deferred.succeed(begun, sockets <= few ? 0 : Math.min(sockets * 1_000 / leavesPerSecond, maxWindow))
      })
      const over = Effect.flatMap(Deferred.await(begun), (window) => window === 0 ? Effect.void : Effect.sleep(window))
      return Draining.of({
        await: Effect.asVoid(Deferred.await(begun)),
        turn: Effect.gen(function*() {
          const window = yield* Deferred.await(begun)
          if (window > 0) yield* Effect.sleep((yield* Random.next) * window)
        }),
        begin: Effect.asVoid(begin),
        begun: () => Deferred.isDoneUnsafe(begun),
        complete: Effect.andThen(begin, over)
      })
    })
  )

  /** Must be built after the HTTP server, so that its finalizer runs first. */
  static readonly layerSignal = Layer.effectDiscard(Effect.gen(function*() {
    const draining = yield* Draining
    yield* Effect.addFinalizer(() => draining.complete)
  }))
}
