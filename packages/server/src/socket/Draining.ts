import { onMachineClock, serverStop } from "@muster/kit"
import { Context, Deferred, Effect, Layer, Random } from "effect"
import { LoadShedding } from "../pacing/LoadShedding.ts"

/** Up to this many sockets are closed together, so that a small server stops quickly. */
const few = 50

/** How many sockets are closed per second if the window allows: what the other replicas can accept. */
const leavesPerSecond = 100

/**
 * Takes the last calls: those that a proxy sent before it knew of the stop. Node cuts a connection that the system has accepted and
 * this process has not read, when the server closes. Between two of the pauses, the process accepts and reads, however late it is.
 */
const takeLastCalls = onMachineClock(Effect.repeat(Effect.sleep("20 millis"), { times: 2 }))

/** How long closing the sockets may take, in ms. The rest of the shutdown follows. */
export const DrainWindow = Context.Reference<number>("@muster/server/socket/DrainWindow", {
  defaultValue: () => serverStop.drain
})

/** Coordinates the drain before the server stops: sockets are closed one after another, and `/readyz` reports it. */
export class Draining extends Context.Service<Draining, {
  /** Returns when the drain begins. */
  readonly await: Effect.Effect<void>
  /**
   * Calls `close` when a socket is to close, after this returns: at a random moment of the drain, so that daemons do not reconnect
   * together. Returns what ends this.
   */
  readonly join: (close: () => void) => () => void
  readonly begin: Effect.Effect<void>
  readonly begun: () => boolean
  /** Begins the drain, and returns when its window has passed, every socket was closed, and the last calls have come. */
  readonly complete: Effect.Effect<void>
}>()("@muster/server/socket/Draining") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const shedding = yield* LoadShedding
      const maxWindow = yield* DrainWindow
      const begun = yield* Deferred.make<void>()
      const members = new Set<() => void>()
      const run = Effect.runForkWith(yield* Effect.context<never>())
      /** In ms, from the drain's beginning; undefined before. 0 once the drain is over. */
      let window: number | undefined
      const closeInTurn = (close: () => void, window: number) => {
        const turn = window === 0
          ? Effect.yieldNow
          : Effect.flatMap(Random.next, (share) => Effect.sleep(share * window))
        run(Effect.andThen(turn, Effect.sync(() => members.has(close) && close())))
      }
      const closeAll = () => {
        window = 0
        for (const close of members) close()
      }
      const begin = Effect.sync(() => {
        if (window !== undefined) return
        const sockets = shedding.sockets()
        window = sockets <= few ? 0 : Math.min(sockets * 1_000 / leavesPerSecond, maxWindow)
        Deferred.doneUnsafe(begun, Effect.void)
        if (window === 0) return closeAll()
        for (const close of members) closeInTurn(close, window)
      })
      const pass = Effect.suspend(() => window === 0 ? Effect.void : Effect.sleep(window ?? 0))
      return Draining.of({
        await: Deferred.await(begun),
        join: (close) => {
          members.add(close)
          if (window !== undefined) closeInTurn(close, window)
          return () => members.delete(close)
        },
        begin,
        begun: () => window !== undefined,
        complete: begin.pipe(Effect.andThen(pass), Effect.andThen(Effect.sync(closeAll)), Effect.andThen(takeLastCalls))
      })
    })
  )

  /** Must be built after the HTTP server, so that its finalizer runs first. */
  static readonly layerSignal = Layer.effectDiscard(Effect.gen(function*() {
    const draining = yield* Draining
    yield* Effect.addFinalizer(() => draining.complete)
  }))
}
