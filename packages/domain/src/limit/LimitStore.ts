import { Context, type Effect } from "effect"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"

/** How much there is: `most` at once, refilled evenly over `window` (ms). Both are whole and at least 1. */
export interface Bucket {
  readonly most: number
  readonly window: number
}

/** What came of a take. */
export interface Taken {
  /** 0 to `wanted`. */
  readonly granted: number
  /** If none was granted: in how many ms one is left; otherwise 0. */
  readonly retryAfter: number
}

/**
 * Buckets that all replicas share, by key. Effect's `RateLimiter` is not used: it grants all or nothing and takes its time
 * from the backend, and a server that takes in advance needs what is left. Losing the store's data fills all buckets.
 */
export class LimitStore extends Context.Service<LimitStore, {
  /**
   * Takes up to `wanted` (1 to `most`) of what is left in the bucket of this key, in one atomic step: `Limit.take`. Time is
   * the caller's. A key has at most 200 characters.
   */
  readonly take: (key: string, bucket: Bucket, wanted: number) => Effect.Effect<Taken, StoreUnavailable>
  /** Forgets buckets that are full, at most 10,000; for stores that do not do it themselves. */
  readonly prune: Effect.Effect<void, StoreUnavailable>
}>()("@muster/domain/limit/LimitStore") {}

/** The most buckets that one `prune` forgets. */
export const maxPrune = 10_000
