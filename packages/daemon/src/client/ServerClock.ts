import type { Runtime } from "@muster/domain"
import { Context, Effect, Layer, Option } from "effect"
import { SleepWatch } from "../clock/SleepWatch.ts"
import { WallClock } from "../clock/WallClock.ts"

/** The number of readings that are kept. */
const kept = 8

/** The maximum number of runtimes whose last beat is kept; the one that beat longest ago is removed. */
const maxRuntimes = 1_000

/** One reading of the server's clock, in epoch ms; `sent` and `received` by this machine's wall clock. */
export interface Reading {
  readonly server: number
  readonly sent: number
  readonly received: number
  /** The resolution of the reading: 1 ms in acks, 1,000 ms in the `Date` of HTTP. */
  readonly resolution: number
}

/** Returns this machine's clock minus the server's, and the maximum error, in ms. */
export const skewOf = ({ received, resolution, sent, server }: Reading) => ({
  // A server truncates its time instead of rounding it, and it wrote the reply between request and response.
  skew: (sent + received) / 2 - (server + (resolution - 1) / 2),
  error: Math.abs(received - sent) / 2 + resolution / 2
})

/** What beats report about clocks, for people. Nothing is expired or deleted because of it. */
export class ServerClock extends Context.Service<ServerClock, {
  readonly reading: (reading: Reading) => Effect.Effect<void>
  /** How far this machine's clock is ahead of the server's, in ms: the most precise of the last 8 readings. */
  readonly skew: Effect.Effect<Option.Option<number>>
  /** Records that the server answered a beat of this runtime. */
  readonly beaten: (id: Runtime.RuntimeId) => Effect.Effect<void>
  /** When the server last answered a beat of this runtime, in epoch ms by this machine's wall clock. */
  readonly lastBeat: (id: Runtime.RuntimeId) => Effect.Effect<Option.Option<number>>
}>()("@muster/daemon/client/ServerClock") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const wall = yield* WallClock
      const watch = yield* SleepWatch
      const readings: Array<ReturnType<typeof skewOf>> = []
      const beats = new Map<Runtime.RuntimeId, number>()
      // The wall clock may have been set.
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
