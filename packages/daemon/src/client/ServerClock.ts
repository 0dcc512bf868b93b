import type { Runtime } from "@muster/domain"
import { Context, Effect, Layer, Option } from "effect"
import { SleepWatch } from "../clock/SleepWatch.ts"
import { WallClock } from "../clock/WallClock.ts"

/** The readings that are kept. */
const kept = 8

/** The most runtimes whose last beat is remembered; the one that beat longest ago makes room. */
const maxRuntimes = 1_000

/** One look at the server's clock, in epoch ms; `sent` and `received` by this machine's calendar. */
export interface Reading {
  readonly server: number
  readonly sent: number
  readonly received: number
  /** The step of the server's clock as it was read: 1 ms in acks, 1,000 ms in the `Date` of HTTP. */
  readonly resolution: number
}

/** This machine's clock less the server's, and how far that may be off, in ms. */
export const skewOf = ({ received, resolution, sent, server }: Reading) => ({
  // The text of a clock is cut off, not rounded; and the answer was written somewhere between question and delivery.
  skew: (sent + received) / 2 - (server + (resolution - 1) / 2),
  error: Math.abs(received - sent) / 2 + resolution / 2
})

/** What beats tell of clocks: for people to see, never a reason to call anything expired or deleted. */
export class ServerClock extends Context.Service<ServerClock, {
  readonly reading: (reading: Reading) => Effect.Effect<void>
  /** How far this machine's clock is ahead of the server's, in ms: the surest of the last 8 readings. */
  readonly skew: Effect.Effect<Option.Option<number>>
  /** The server has answered a beat of this runtime. */
  readonly beaten: (id: Runtime.RuntimeId) => Effect.Effect<void>
  /** When that was last, in epoch ms by this machine's calendar. */
  readonly lastBeat: (id: Runtime.RuntimeId) => Effect.Effect<Option.Option<number>>
}>()("@muster/daemon/client/ServerClock") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const wall = yield* WallClock
      const watch = yield* SleepWatch
      const readings: Array<ReturnType<typeof skewOf>> = []
      const beats = new Map<Runtime.RuntimeId, number>()
      // The calendar may be another one now.
      yield* watch.first(Effect.sync(() => void readings.splice(0)))
      return {
        reading: (reading) =>
          Effect.sync(() => {
            readings.push(skewOf(reading))
            if (readings.length > kept) readings.shift()
          }),
        skew: Effect.sync(() => {
          const [first, ...others] = readings
          if (first === undefined) return Option.none()
          return Option.some(Math.round(others.reduce((a, b) => b.error <= a.error ? b : a, first).skew))
        }),
        beaten: (id) =>
          Effect.map(wall, (now) => {
            beats.delete(id)
            beats.set(id, now)
            if (beats.size > maxRuntimes) beats.delete(beats.keys().next().value!)
          }),
        lastBeat: (id) => Effect.sync(() => Option.fromNullishOr(beats.get(id)))
      }
    })
  )
}
