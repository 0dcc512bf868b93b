import type { RuntimeId } from "@muster/domain"
import { Clock, Context, Effect, Layer } from "effect"
import { Pace } from "../client/Pace.ts"

/**
 * Which runtimes the socket is known to serve: those with a recent ack over the connection that is open now. Only this
 * silences HTTP beats: positive, recent, and per runtime.
 */
export class Freshness extends Context.Service<Freshness, {
  /** The socket brought an ack of this runtime that does not say gone. */
  readonly acked: (id: RuntimeId) => Effect.Effect<void>
  /** The socket brought an ack of this runtime that says gone. */
  readonly gone: (id: RuntimeId) => Effect.Effect<void>
  readonly isFresh: (id: RuntimeId) => Effect.Effect<boolean>
  /** The connection ended: nothing is fresh any more. */
  readonly clear: Effect.Effect<void>
}>()("@muster/daemon/beat/Freshness") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const pace = yield* Pace
      const acks = new Map<RuntimeId, number>()
      return {
        acked: (id) => Effect.map(Clock.currentTimeMillis, (now) => void acks.set(id, now)),
        gone: (id) => Effect.sync(() => void acks.delete(id)),
        isFresh: (id) =>
          Effect.gen(function*() {
            const at = acks.get(id)
            const now = yield* Clock.currentTimeMillis
            // A wall clock that was set back proves nothing, and a beat too many does no harm.
            return at !== undefined && at <= now && now - at < (yield* pace.freshness)
          }),
        clear: Effect.sync(() => acks.clear())
      }
    })
  )
}
