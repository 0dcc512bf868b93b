import { Liveness, LivenessPolicy, type Runtime, type RuntimeRegistry } from "@muster/domain"
import { makeSeenBuffer } from "@muster/store-kit"
import { Clock, Effect, Layer } from "effect"

/** The last beats (epoch ms). Layers built on the same state are nodes of one backend. */
export class LivenessState {
  readonly #beats = new Map<Runtime.RuntimeId, number>()
  #cleanedAt = 0

  /** How many beats are kept. */
  get size(): number {
    return this.#beats.size
  }

  /** Records a beat, and once per `ttl` (ms) removes all that are older than that. */
  beat(id: Runtime.RuntimeId, now: number, ttl: number): void {
    this.#beats.set(id, now)
    if (now - this.#cleanedAt <= ttl) return
    this.#cleanedAt = now
    for (const [other, at] of this.#beats) if (now - at > ttl) this.#beats.delete(other)
  }

  isAlive(id: Runtime.RuntimeId, now: number, ttl: number): boolean {
    const at = this.#beats.get(id)
    return at !== undefined && now - at <= ttl
  }

  forget(ids: Iterable<Runtime.RuntimeId>): void {
    for (const id of ids) this.#beats.delete(id)
  }
}

const make = Effect.fnUntraced(function*(state: LivenessState) {
  const { ttl } = yield* LivenessPolicy.LivenessPolicy
  const clock = yield* Clock.Clock
  const seen = yield* makeSeenBuffer
  return Liveness.Liveness.of({
    beat: (runtime) =>
      Effect.suspend(() => {
        const now = clock.currentTimeMillisUnsafe()
        state.beat(runtime.id, now, ttl)
        return seen.beat(runtime, now)
      }),
    alive: (ids) =>
      Effect.map(Clock.currentTimeMillis, (now) => new Set(ids.filter((id) => state.isAlive(id, now, ttl)))),
    forget: (ids) =>
      Effect.sync(() => {
        state.forget(ids)
        seen.forget(ids)
      }),
    flush: seen.flush
  })
})

/** Liveness in this process's memory; last-seen times go to the registry in bulk. */
export const LivenessMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: LivenessState): Layer.Layer<Liveness.Liveness, never, RuntimeRegistry.RuntimeRegistry> =>
    Layer.effect(Liveness.Liveness, make(state)),
  /** A backend of its own for each build. */
  layer: Layer.effect(Liveness.Liveness, Effect.suspend(() => make(new LivenessState())))
}
