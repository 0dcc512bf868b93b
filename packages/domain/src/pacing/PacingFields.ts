import type { Json } from "../request/Request.ts"
import { leastWindow, mostWindow, type Pacing } from "./Pacing.ts"

/**
 * The bounds, in ms, within which a daemon accepts a beat interval from a server: less would be a hot loop, more would
 * approach the 60 s after which a silent socket is closed.
 */
export const toldBeat = { least: 5_000, max: 45_000 }

/**
 * The optional fields of an ack that pace a daemon, for one that sends `supports_pacing`. Values that are a daemon's
 * defaults (`beat` ms between two beats, the least window) are left out.
 */
export const write = ({ beat, window }: Pacing, usual: { readonly beat: number }): Json => ({
  ...(beat === usual.beat ? {} : { next_beat_ms: beat }),
  ...(window <= leastWindow ? {} : { reconnect_window_ms: window })
})

/** The pace and time in an ack; null: absent or not valid. */
export interface TimingFields {
  /** Until the next beat, in ms, within `toldBeat`. */
  readonly beat: number | null
  /** The window for the next reconnect, in ms, at most `mostWindow`. */
  readonly window: number | null
  /** The server's clock when the ack was written, in epoch ms. */
  readonly serverTime: number | null
}

const positive = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : null

const bounded = (value: number | null, least: number, max: number): number | null =>
  value === null ? null : Math.min(Math.max(Math.round(value), least), max)

/** Reads them from any ack. A server that does not support them leaves all of them out. */
export const read = (ack: Json): TimingFields => ({
  beat: bounded(positive(ack["next_beat_ms"]), toldBeat.least, toldBeat.max),
  window: bounded(positive(ack["reconnect_window_ms"]), leastWindow, mostWindow),
  serverTime: positive(ack["server_time_ms"])
})
