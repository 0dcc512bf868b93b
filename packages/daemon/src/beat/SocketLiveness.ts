import type { Runtime } from "@muster/domain"
import { Clock, Context, Effect, Layer } from "effect"
import { BeatInterval } from "../client/BeatInterval.ts"

/**
 * The runtimes that the socket serves: those with a recent ack over the current connection. Only such an ack suppresses the
 * HTTP beats of its runtime.
 */
export class SocketLiveness extends Context.Service<SocketLiveness, {
  /** Records an ack of this runtime over the socket. */
  readonly acked: (id: Runtime.RuntimeId) => Effect.Effect<void>
  /** Records that an ack over the socket reported this runtime as gone. */
  readonly gone: (id: Runtime.RuntimeId) => Effect.Effect<void>
  readonly isLive: (id: Runtime.RuntimeId) => Effect.Effect<boolean>
  /** Forgets all acks, when the connection ends. */
  readonly clear: Effect.Effect<void>
}>()("@muster/daemon/beat/SocketLiveness") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const beatInterval = yield* BeatInterval
      const acks = new Map<Runtime.RuntimeId, number>()
      return {
        acked: (id) => Effect.map(Clock.currentTimeMillis, (now) => void acks.set(id, now)),
        gone: (id) => Effect.sync(() => void acks.delete(id)),
        isLive: (id) =>
          Effect.gen(function*() {
            const at = acks.get(id)
            const now = yield* Clock.currentTimeMillis
            // If the clock was set back, send the beat: an additional one is harmless.
            return at !== undefined && at <= now && now - at < (yield* beatInterval.ackLifetime)
          }),
        clear: Effect.sync(() => acks.clear())
      }
    })
  )
}
