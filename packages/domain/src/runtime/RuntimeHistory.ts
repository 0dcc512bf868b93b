import { Context, type Effect, Schema } from "effect"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { RuntimeId } from "./Runtime.ts"

/** The span of one bucket, in ms. */
export const bucketMs = 10 * 60_000

/** How many buckets a runtime has: 24 h. */
export const maxBuckets = 144

/** How many rows one write may have. */
export const maxRows = 5_000

/** How many old rows one write removes; the next write removes the rest. */
export const maxOld = 10_000

/** How long after a beat its bucket may not be written yet, in ms. */
const unwritten = 90_000

/** A bucket is full if no more than this is missing, in ms: one beat at the widest interval. */
const slack = 30_000

/** Returns the start (epoch ms) of the bucket of a moment. */
export const bucketOf = (at: number): number => Math.floor(at / bucketMs) * bucketMs

/** Returns the start (epoch ms) of the oldest bucket that is kept at `now`. */
export const oldestBucket = (now: number): number => bucketOf(now) - (maxBuckets - 1) * bucketMs

/** The heartbeats of one runtime in 10 minutes. */
export const Bucket = Schema.Struct({
  /** When it begins (epoch ms). */
  at: Schema.Finite,
  /** How many heartbeats the servers accepted. */
  beats: Schema.Finite,
  /** For how long the beats show that the runtime was online, in ms: each for the beat interval that was in force. At most `bucketMs`. */
  covered: Schema.Finite,
  /** The longest that a server took to process one of them, in ms. */
  maxMs: Schema.Finite
})
export type Bucket = typeof Bucket.Type

/** The part of a bucket that one replica adds. */
export interface Row extends Bucket {
  readonly runtime: RuntimeId
}

/** Returns a bucket with what another one of the same start adds. */
export const merge = (one: Bucket, other: Bucket): Bucket => ({
  at: one.at,
  beats: one.beats + other.beats,
  covered: Math.min(bucketMs, one.covered + other.covered),
  maxMs: Math.max(one.maxMs, other.maxMs)
})

/**
 * The heartbeats of each runtime in buckets of 10 minutes, for 24 h. All replicas write the same buckets. They are deleted
 * with their runtime.
 */
export class RuntimeHistory extends Context.Service<RuntimeHistory, {
  /**
   * Adds at most `maxRows` rows to their buckets: sums beats and covered time, keeps the maximum latency. Ignores runtimes
   * that are gone and buckets before `oldestBucket`, and removes such buckets.
   */
  readonly record: (rows: ReadonlyArray<Row>) => Effect.Effect<void, StoreUnavailable>
  /** The buckets of a runtime that begin at `since` (epoch ms) or later, at most `maxBuckets`, the oldest first. */
  readonly of: (runtime: RuntimeId, since: number) => Effect.Effect<ReadonlyArray<Bucket>, StoreUnavailable>
}>()("@muster/domain/runtime/RuntimeHistory") {}

/** One bucket as people see it. */
export interface DayBucket {
  /** When it begins (epoch ms). */
  readonly at: number
  readonly beats: number
  /** The part of its time in which the runtime was online, 0 to 1. */
  readonly up: number
  /** The longest that a server took to process a heartbeat, in ms; null: there was none. */
  readonly maxMs: number | null
}

/** The last 24 h of a runtime. */
export interface Day {
  /** At most `maxBuckets`, the oldest first, without gaps. */
  readonly buckets: ReadonlyArray<DayBucket>
  /** The part of the time since the registration in which the runtime was online, 0 to 1; null: too new to measure. */
  readonly uptime: number | null
}

/**
 * Returns the last 24 h of a runtime that was registered at `createdAt`, from its recorded buckets. All times are epoch ms.
 * Without what is too recent to be written. A bucket that lacks no more than one beat counts as full.
 */
export const dayOf = (recorded: ReadonlyArray<Bucket>, createdAt: number, now: number): Day => {
  const known = new Map(recorded.map((bucket) => [bucket.at, bucket]))
  const buckets: Array<DayBucket> = []
  let [online, total] = [0, 0]
  const first = oldestBucket(now)
  for (let at = first; at < first + maxBuckets * bucketMs; at += bucketMs) {
    const span = Math.min(at + bucketMs, now - unwritten) - Math.max(at, createdAt)
    if (span < slack) continue
    const { beats, covered, maxMs } = known.get(at) ?? { beats: 0, covered: 0, maxMs: null }
    const up = beats === 0 ? 0 : covered + slack >= span ? 1 : covered / span
    buckets.push({ at, beats, up, maxMs })
    online += up * span
    total += span
  }
  return { buckets, uptime: total === 0 ? null : online / total }
}
