import type { LivenessIntervals } from "../runtime/LivenessPolicy.ts"

/** The pacing that the server sends to daemons in its acks. All in ms. */
export interface Pacing {
  /** Until the next beat of the same runtime. */
  readonly beat: number
  /** After a disconnect daemons reconnect at a random moment within this window, to spread the load of a fleet. */
  readonly window: number
}

/** The load of one replica. */
export interface ServerLoad {
  /** Open sockets, each of one daemon. */
  readonly sockets: number
  /** Runtimes that beat over them. */
  readonly runtimes: number
  /** The average delay of the event loop, in ms. */
  readonly delay: number
}

/** The window that is not sent: a daemon's own first pause. */
export const leastWindow = 1_000

/** The maximum window. */
export const mostWindow = 60_000

/** Half of the 60 s after which either side closes a silent socket: one beat may be lost. */
const mostBeat = 30_000

/** The sockets and runtimes that a replica can hold without wider pacing, with capacity for its other work. */
const beatsPerSecond = 1_000
const dialsPerSecond = 100

/** The event loop's delays, in ms, above which beats get less frequent, and at which the interval is doubled. */
const strainBegins = 50
const strainDoubles = 250

/** Whole seconds, in ms. */
const whole = (ms: number): number => Math.ceil(ms / 1_000) * 1_000

/** 1 for an unloaded replica up to 2 for an overloaded one. */
const strain = (delay: number): number =>
  1 + Math.min(Math.max((delay - strainBegins) / (strainDoubles - strainBegins), 0), 1)

/**
 * The longest beat interval that these liveness intervals allow: with one beat lost, a healthy runtime is neither
 * silent in the table nor expired in the liveness store. Never less than their own `beat`.
 */
export const widestBeat = ({ beat, flushAge, flushEvery, offlineAfter, ttl }: LivenessIntervals): number =>
  Math.max(beat, Math.min(mostBeat, Math.floor((offlineAfter - flushAge - flushEvery) / 2), Math.floor(ttl / 2)))

/**
 * The pacing for a load: `intervals.beat` and the least window for an unloaded replica. Both get wider (by whole
 * seconds) with more sockets and runtimes and a slower event loop, up to `widestBeat` and `mostWindow`.
 */
export const forLoad = ({ delay, runtimes, sockets }: ServerLoad, intervals: LivenessIntervals): Pacing => {
  const factor = strain(delay)
  const wanted = Math.max(intervals.beat, runtimes * 1_000 / beatsPerSecond) * factor
  const window = Math.max(leastWindow, sockets * 1_000 / dialsPerSecond) * factor
  return {
    beat: wanted <= intervals.beat ? intervals.beat : Math.min(whole(wanted), widestBeat(intervals)),
    window: Math.min(whole(window), mostWindow)
  }
}
