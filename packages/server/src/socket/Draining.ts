import { Context, Deferred, Effect, Layer, Random } from "effect"
import { LoadShedding } from "../pacing/LoadShedding.ts"

/** So few sockets leave all at once: nobody is kept waiting who stops a small server. */
const few = 50

/** How many leave per second where there is time enough: what the replicas that take them have room for. */
const leavesPerSecond = 100

/** The longest that sockets may take to leave, in ms. The rest of the shutdown comes after it. */
export const DrainWindow = Context.Reference<number>("@muster/server/socket/DrainWindow", { defaultValue: () => 1_500 })

/** Whether the server is about to stop: then sockets are sent away, in turns, and `/readyz` says so. */
export class Draining extends Context.Service<Draining, {
  /** Returns when the drain begins. */
  readonly await: Effect.Effect<void>
  /** Returns when it is a socket's turn to leave: at a random moment of the drain, so that no stampede follows. */
  readonly turn: Effect.Effect<void>
  readonly begin: Effect.Effect<void>
  readonly begun: () => boolean
  /** Begins, and returns when every socket has had its turn. */
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

  /** Must be built after the HTTP server, so that its end comes before the server's. */
  static readonly layerSignal = Layer.effectDiscard(Effect.gen(function*() {
    const draining = yield* Draining
    yield* Effect.addFinalizer(() => draining.complete)
  }))
}
