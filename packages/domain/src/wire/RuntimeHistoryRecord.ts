import { Schema } from "effect"
import { snakeKeys } from "../codec/Snake.ts"
import { RequestTime } from "../codec/Time.ts"
import { bucketMs, type Day, maxBuckets } from "../runtime/RuntimeHistory.ts"
import { listOf } from "../text/BoundedText.ts"

const HistoryBucket = snakeKeys(Schema.Struct({
  at: RequestTime,
  beats: Schema.Finite,
  /** The part of its time in which the runtime was online, 0 to 1. */
  up: Schema.Finite,
  /** The longest that a server took to process a heartbeat, in ms; null: there was none. */
  maxMs: Schema.NullOr(Schema.Finite)
}))

/** The heartbeats of a runtime in the last 24 h. */
export const RuntimeHistoryRecord = snakeKeys(Schema.Struct({
  bucketSeconds: Schema.Finite,
  buckets: listOf(HistoryBucket, maxBuckets),
  /** 0 to 1; null: the runtime is too new to measure. */
  uptime: Schema.NullOr(Schema.Finite)
}))
export type RuntimeHistoryRecord = typeof RuntimeHistoryRecord.Type

/** Rounds a part down to thousandths, so that only a complete day is 1. */
const thousandths = (part: number) => Math.floor(part * 1_000) / 1_000

export const runtimeHistoryRecord = ({ buckets, uptime }: Day): RuntimeHistoryRecord => ({
  bucketSeconds: bucketMs / 1_000,
  buckets: buckets.map((bucket) => ({ ...bucket, up: thousandths(bucket.up) })),
  uptime: uptime === null ? null : thousandths(uptime)
})
