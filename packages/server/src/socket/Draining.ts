import { Context, Effect, Latch, Layer } from "effect"

/** Opened when the server is about to stop: sockets say goodbye, and whoever waits for an answer is sent home. */
export class Draining extends Context.Service<Draining, Latch.Latch>()("@muster/server/socket/Draining") {
  static readonly layer = Layer.effect(this, Latch.make(false))

  /** Must be built after the HTTP server, so that its end comes before the server's. */
  static readonly layerSignal = Layer.effectDiscard(Effect.gen(function*() {
    const draining = yield* Draining
    yield* Effect.addFinalizer(() => draining.open)
  }))
}
