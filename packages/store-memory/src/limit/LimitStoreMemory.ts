import { Limit } from "@muster/domain"
import { Clock, Effect, Layer } from "effect"

/** The maximum number of buckets in memory; a new one replaces the least recently used, as if that were full. */
const mostBuckets = 100_000

/** When each bucket is full, by key. Layers built on the same state are nodes of one backend. */
export class LimitState {
  readonly #full = new Map<string, number>()

  take(key: string, bucket: Limit.Bucket, wanted: number, now: number): Limit.Taken {
    const { full, granted, retryAfter } = Limit.take(this.#full.get(key), bucket, wanted, now)
    this.#full.delete(key)
    this.#full.set(key, full)
    if (this.#full.size > mostBuckets) this.#full.delete(this.#full.keys().next().value!)
    return { granted, retryAfter }
  }

  prune(now: number): void {
    for (const [key, full] of this.#full) if (full <= now * 1_000) this.#full.delete(key)
  }

  get size(): number {
    return this.#full.size
  }
}

const make = (state: LimitState) =>
  Limit.LimitStore.of({
    take: (key, bucket, wanted) => Effect.map(Clock.currentTimeMillis, (now) => state.take(key, bucket, wanted, now)),
    prune: Effect.map(Clock.currentTimeMillis, (now) => state.prune(now))
  })

/** Buckets in this process's memory. */
export const LimitStoreMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: LimitState): Layer.Layer<Limit.LimitStore> => Layer.succeed(Limit.LimitStore, make(state)),
  /** A backend of its own for each build. */
  layer: Layer.sync(Limit.LimitStore, () => make(new LimitState()))
}
