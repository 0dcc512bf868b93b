import type { LivenessIntervals } from "../runtime/LivenessPolicy.ts"

/** How daemons are to pace themselves, as the server tells them in its acks. All in ms. */
export interface Pacing {
  /** Until the next beat of the same runtime. */
  readonly beat: number
  /** After a connection's end daemons dial again at a random moment of so long, so that a fleet comes back spread out. */
  readonly window: number
}

/** What one replica has to bear. */
export interface ServerLoad {
  /** Open sockets, each of one daemon. */
  readonly sockets: number
  /** Runtimes that beat over them. */
  readonly runtimes: number
  /** How late the event loop is, in ms, on average. */
  readonly delay: number
}

/** The window that need not be told: a daemon's own first pause. */
export const leastWindow = 1_000

/** The longest window. */
export const mostWindow = 60_000

/** Half of the 60 s after which either end gives a silent socket up: one beat may be lost. */
const mostBeat = 30_000

/** What a replica takes in its stride, with room for everything else that it does. */
const beatsPerSecond = 1_000
const dialsPerSecond = 100

/** The event loop's delays, in ms, from which beats get rarer, and at which they are twice as rare. */
const strainBegins = 50
const strainDoubles = 250

/** Whole seconds, in ms. */
const whole = (ms: number): number => Math.ceil(ms / 1_000) * 1_000

/** 1 for a replica at ease up to 2 for one that cannot follow. */
const strain = (delay: number): number =>
  1 + Math.min(Math.max((delay - strainBegins) / (strainDoubles - strainBegins), 0), 1)

/**
 * The longest interval of beats that these intervals of liveness allow: with one beat lost, a healthy runtime is still
 * neither silent in the table nor forgotten by the liveness store. Never less than their own `beat`.
 */
export const widestBeat = ({ beat, flushAge, flushEvery, offlineAfter, ttl }: LivenessIntervals): number =>
  Math.max(beat, Math.min(mostBeat, Math.floor((offlineAfter - flushAge - flushEvery) / 2), Math.floor(ttl / 2)))

/**
 * The pacing for a load: `intervals.beat` and the least window for a replica at ease, both wider (by whole seconds) the
 * more sockets and runtimes it holds and the later its event loop is, up to `widestBeat` and `mostWindow`.
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
