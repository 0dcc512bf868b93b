import { Effect, Random } from "effect"
import type { DaemonIntervals } from "../Intervals.ts"

/**
 * How long to wait, in ms, before the socket is dialled after `failures` (≥ 1) connections in a row that did not get
 * healthy: a random part of `first` × 2^(failures − 1), at max of `max`, and never of less than the window that the server
 * asked for ("full jitter"), so that a fleet which lost its server comes back spread over the whole time.
 */
export const redialPause = (
  { first, max }: DaemonIntervals["redial"],
  failures: number,
  window: number
): Effect.Effect<number> =>
  Effect.map(Random.next, (random) => random * Math.max(Math.min(first * 2 ** (failures - 1), max), window))
