import { Context, Deferred, Effect, Layer } from "effect"

/** Whether the server is about to stop: then sockets say goodbye and `/readyz` says so. */
export class Draining extends Context.Service<Draining, {
  /** Returns when the drain begins. */
  readonly await: Effect.Effect<void>
  readonly begin: Effect.Effect<void>
  readonly begun: () => boolean
}>()("@muster/server/socket/Draining") {
  static readonly layer = Layer.effect(
    this,
    Effect.map(Deferred.make<void>(), (deferred) =>
      Draining.of({
        await: Deferred.await(deferred),
        begin: Effect.asVoid(Deferred.succeed(deferred, undefined)),
        begun: () => Deferred.isDoneUnsafe(deferred)
      }))
  )

  /** Must be built after the HTTP server, so that its end comes before the server's. */
  static readonly layerSignal = Layer.effectDiscard(Effect.gen(function*() {
    const draining = yield* Draining
    yield* Effect.addFinalizer(() => draining.begin)
  }))
}
