import { Context } from "effect"

/** The intervals of liveness, all in ms. */
export interface LivenessIntervals {
  /** How often a daemon beats for each runtime. */
  readonly beat: number
  /** How old `lastSeenAt` in the table may grow before a beat is buffered for the bulk write. */
  readonly flushAge: number
  /** How often the buffer is written. */
  readonly flushEvery: number
  /** How long the liveness store remembers one beat. */
  readonly ttl: number
  /** Silence after which a runtime is offline. */
  readonly offlineAfter: number
  /** The interval of the sweep. */
  readonly sweepEvery: number
  /** How long an offline runtime keeps its row. */
  readonly expireAfter: number
}

export const defaultIntervals: LivenessIntervals = {
  beat: 15_000,
  flushAge: 60_000,
  flushEvery: 30_000,
  ttl: 90_000,
  offlineAfter: 150_000,
  sweepEvery: 30_000,
  expireAfter: 7 * 24 * 60 * 60 * 1000
}

/** The intervals in force. */
export const LivenessPolicy = Context.Reference<LivenessIntervals>("@muster/domain/runtime/LivenessPolicy", {
  defaultValue: () => defaultIntervals
})

/**
 * Why a set of intervals is not valid, one sentence each; empty: it is valid. A healthy runtime must never look silent:
 * the oldest `lastSeenAt` it can have is `flushAge + beat + flushEvery`. The liveness store must never report a dead
 * runtime as alive past the table's own window.
 */
export const refuseIntervals = (intervals: LivenessIntervals): ReadonlyArray<string> => {
  const { beat, expireAfter, flushAge, flushEvery, offlineAfter, ttl } = intervals
  const wrong: Array<string> = []
  for (const [name, value] of Object.entries(intervals)) {
    if (!Number.isFinite(value) || value <= 0) wrong.push(`${name} must be more than 0 ms, not ${value}`)
  }
  if (flushAge + beat + flushEvery >= offlineAfter) {
    wrong.push(
      `flushAge + beat + flushEvery (${
        flushAge + beat + flushEvery
      } ms) must be less than offlineAfter (${offlineAfter} ms)`
    )
  }
  if (ttl >= offlineAfter) wrong.push(`ttl (${ttl} ms) must be less than offlineAfter (${offlineAfter} ms)`)
  if (ttl <= beat) wrong.push(`ttl (${ttl} ms) must be more than beat (${beat} ms)`)
  if (expireAfter <= offlineAfter) {
    wrong.push(`expireAfter (${expireAfter} ms) must be more than offlineAfter (${offlineAfter} ms)`)
  }
  return wrong
}
