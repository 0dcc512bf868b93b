import { Context, type Effect } from "effect"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"

/** The capacity: `max` in a burst, refilled evenly over `window` (ms). Both are whole and at least 1. */
export interface Bucket {
  readonly max: number
  readonly window: number
}

/** The result of a take. */
export interface Taken {
  /** 0 to `wanted`. */
  readonly granted: number
  /** If none was granted: in how many ms one is available; otherwise 0. */
  readonly retryAfter: number
}

/**
 * Buckets that all replicas share, by key. Effect's `RateLimiter` is not used: it grants all or nothing and takes its
 * time from the backend, and a server that takes in advance needs the remainder. Losing the store's data fills all
 * buckets.
 */
export class LimitStore extends Context.Service<LimitStore, {
  /**
   * Takes up to `wanted` (1 to `max`) of the remainder of this key's bucket, in one atomic step: `Limit.take`. Time is
   * the caller's. A key has at most 200 characters.
   */
  readonly take: (key: string, bucket: Bucket, wanted: number) => Effect.Effect<Taken, StoreUnavailable>
  /** Removes full buckets, at most 10,000; for stores that do not expire them. */
  readonly prune: Effect.Effect<void, StoreUnavailable>
}>()("@muster/domain/limit/LimitStore") {}

/** The maximum number of buckets that one `prune` removes. */
export const maxPrune = 10_000
