import { LivenessPolicy, Pacing, PacingFields, type Request } from "@muster/domain"
import { Context, Effect, Layer } from "effect"
import { EventLoop } from "./EventLoop.ts"

/** How long a pacing is used before the load is measured again, in ms. */
const holds = 5_000

/** Decides the beat interval that this replica asks of daemons, from its open sockets and its event loop's delay. */
export class LoadShedding extends Context.Service<LoadShedding, {
  /** Counts one socket with this many runtimes. Returns what ends this. */
  readonly join: (runtimes: number) => () => void
  readonly sockets: () => number
  /** The event loop's delay that the pacing follows, in ms. At `now` (epoch ms). */
  readonly delay: (now: number) => number
  /** At `now` (epoch ms). */
  readonly pacing: (now: number) => Pacing.Pacing
  /** The same as optional fields of an ack: none under normal load. */
  readonly fields: (now: number) => Request.Json
}>()("@muster/server/pacing/LoadShedding") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const loop = yield* EventLoop
      const intervals = yield* LivenessPolicy.LivenessPolicy
      let sockets = 0
      let runtimes = 0
      let lookedAt = -Infinity
      let delay = 0
      let pacing = Pacing.forLoad({ sockets, runtimes, delay: 0 }, intervals)
      let fields = PacingFields.write(pacing, intervals)

      const look = (now: number) => {
        // After the clock is set back, an old pacing must not stay in use.
        if (Math.abs(now - lookedAt) < holds) return
        lookedAt = now
        delay = loop.delay()
        pacing = Pacing.forLoad({ sockets, runtimes, delay }, intervals)
        fields = PacingFields.write(pacing, intervals)
      }

      return LoadShedding.of({
        join: (count) => {
          sockets++
          runtimes += count
          return () => {
            sockets--
            runtimes -= count
          }
        },
        sockets: () => sockets,
        delay: (now) => {
          look(now)
          return delay
        },
        pacing: (now) => {
          look(now)
          return pacing
        },
        fields: (now) => {
          look(now)
          return fields
        }
      })
    })
  )
}
