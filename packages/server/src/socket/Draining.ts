import { serverStop } from "@muster/kit"
import { Context, Deferred, Effect, Layer, Random, type Scope } from "effect"
import { LoadShedding } from "../pacing/LoadShedding.ts"

/** Up to this many sockets are closed together, so that a small server stops quickly. */
const few = 50

/** How many sockets are closed per second if the window allows: what the other replicas can accept. */
const leavesPerSecond = 100

/** How long closing the sockets may take, in ms. The rest of the shutdown follows. */
export const DrainWindow = Context.Reference<number>("@muster/server/socket/DrainWindow", {
  defaultValue: () => serverStop.drain
})

/** Coordinates the drain before the server stops: sockets are closed one after another, and `/readyz` reports it. */
export class Draining extends Context.Service<Draining, {
  /** Returns when the drain begins. */
  readonly await: Effect.Effect<void>
  /**
   * Calls `close` when a socket is to close, unless the scope ends before: at a random moment of the drain, so that daemons do not
   * reconnect together.
   */
  readonly join: (close: () => void) => Effect.Effect<void, never, Scope.Scope>
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
      const members = new Set<() => void>()
      const run = Effect.runForkWith(yield* Effect.context<never>())
      const leave = (close: () => void, window: number) => {
        if (window === 0) return close()
        const turn = Effect.flatMap(Random.next, (share) => Effect.sleep(share * window))
        run(Effect.andThen(turn, Effect.sync(() => members.has(close) && close())))
      }
      const begin = Effect.suspend(() => {
        if (Deferred.isDoneUnsafe(begun)) return Effect.void
        const sockets = shedding.sockets()
        const window = sockets <= few ? 0 : Math.min(sockets * 1_000 / leavesPerSecond, maxWindow)
        Deferred.doneUnsafe(begun, Effect.succeed(window))
        for (const close of members) leave(close, window)
        return Effect.void
      })
      const over = Effect.flatMap(Deferred.await(begun), (window) => window === 0 ? Effect.void : Effect.sleep(window))
      return Draining.of({
        await: Effect.asVoid(Deferred.await(begun)),
        join: (close) =>
          Effect.acquireRelease(
            Effect.suspend(() => {
              members.add(close)
              if (!Deferred.isDoneUnsafe(begun)) return Effect.void
              return Effect.map(Deferred.await(begun), (window) => leave(close, window))
            }),
            () => Effect.sync(() => members.delete(close))
          ),
        begin,
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
