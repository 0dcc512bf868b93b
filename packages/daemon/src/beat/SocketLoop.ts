import type { Runtime } from "@muster/domain"
import { Conditions, supervised } from "@muster/kit"
import { Context, Effect, Layer, Random, Ref } from "effect"
import { BeatInterval } from "../client/BeatInterval.ts"
import { serverDown, tokenRefused } from "../client/ServerWatch.ts"
import { SleepWatch } from "../clock/SleepWatch.ts"
import { type DaemonIntervals, Intervals } from "../Intervals.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import { runtimesOf, type RuntimeState } from "../runtime/RuntimeState.ts"
import { Dial } from "./Dial.ts"
import type { SocketEnded } from "./SocketEnded.ts"
import { makeSocketSession } from "./SocketSession.ts"

/**
 * How long to wait, in ms, before the socket is dialed after `failures` (≥ 1) connections in a row that did not get
 * healthy: a random part of `first` × 2^(failures − 1), at max of `max`, and never of less than the window that the server
 * asked for ("full jitter"), so that a fleet which lost its server comes back spread over the whole time.
 */
const redialPause = (
  { first, max }: DaemonIntervals["redial"],
  failures: number,
  window: number
): Effect.Effect<number> =>
  Effect.map(Random.next, (random) => random * Math.max(Math.min(first * 2 ** (failures - 1), max), window))

/**
 * How many runtimes the socket carries, the first ones by id, so that its URL stays below the limits of servers. The others
 * get no ack over it and use HTTP heartbeats.
 */
const maxIdsPerSocket = 300

const condition = "socket"
/** A socket that fails is logged after this, in ms, so that a restart of the server is not. */
const grace = 45_000

/** Logged once: it lasts until the proxy is configured. */
const noUpgradeAdvice =
  ". A reverse proxy in front of the server does not pass the Upgrade and Connection headers on: " +
  "requests reach this machine with its next heartbeat, up to 30 s later"

const idsOf = (state: RuntimeState): ReadonlyArray<Runtime.RuntimeId> =>
  runtimesOf(state).map(({ id }) => id).toSorted().slice(0, maxIdsPerSocket)

const sameIds = (a: ReadonlyArray<Runtime.RuntimeId>, b: ReadonlyArray<Runtime.RuntimeId>) =>
  a.length === b.length && a.every((id, index) => id === b[index])

/**
 * Keeps one socket for all runtimes. It reconnects at once when the runtimes change or the machine slept, otherwise after a
 * random pause. The pause grows with each consecutive connection that lasted less than 10 s, and its window is at least
 * the one that the server requested. Without runtimes there is no socket.
 */
export class SocketLoop extends Context.Service<SocketLoop, {
  readonly isConnected: Effect.Effect<boolean>
}>()("@muster/daemon/beat/SocketLoop") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const { dial } = yield* Dial
      const set = yield* RuntimeSet
      const conditions = yield* Conditions
      const intervals = yield* Intervals
      const beatInterval = yield* BeatInterval
      const { woke } = yield* SleepWatch
      const session = yield* makeSocketSession
      const connected = yield* Ref.make(false)
      /** Connections in a row that did not become healthy. */
      const failures = yield* Ref.make(0)

      const healthy = Effect.sleep(intervals.healthy).pipe(
        Effect.andThen(Ref.set(failures, 0)),
        Effect.andThen(conditions.end(condition, "WebSocket connected again"))
      )

      const connect = (ids: ReadonlyArray<Runtime.RuntimeId>): Effect.Effect<never, SocketEnded> =>
        Effect.gen(function*() {
          const connection = yield* dial(ids)
          yield* Effect.acquireRelease(Ref.set(connected, true), () => Ref.set(connected, false))
          yield* Effect.forkScoped(healthy)
          return yield* session(connection, ids)
        }).pipe(Effect.scoped)

      const onEnd = Effect.fnUntraced(function*({ noUpgrade = false, reason, status }: SocketEnded) {
        const inRow = yield* Ref.updateAndGet(failures, (count) => count + 1)
        const advice = noUpgrade ? noUpgradeAdvice : ""
        yield* conditions.begin(condition, `WebSocket connection failed, using HTTP heartbeats: ${reason}${advice}`, {
          grace: noUpgrade ? 0 : grace,
          because: status === 401 ? tokenRefused : serverDown,
          once: noUpgrade
        })
        const pause = yield* redialPause(intervals.redial, inRow, yield* beatInterval.reconnectWindow)
        yield* Effect.sleep(status === 401 || noUpgrade ? Math.max(pause, intervals.refused) : pause)
      })

      const changed = (ids: ReadonlyArray<Runtime.RuntimeId>) => set.until((state) => !sameIds(idsOf(state), ids))

      const loop = Effect.gen(function*() {
        if (idsOf(yield* set.state).length === 0) {
          yield* conditions.end(condition, "no runtimes, so no WebSocket is needed")
        }
        const ids = idsOf(yield* set.until((state) => idsOf(state).length > 0))
        const serve = connect(ids).pipe(Effect.catch(onEnd), Effect.forever)
        yield* Effect.raceAllFirst([serve, changed(ids), woke])
        yield* Ref.set(failures, 0)
      }).pipe(Effect.forever)

      yield* Effect.forkScoped(supervised("socket", loop))
      return { isConnected: Ref.get(connected) }
    })
  )
}
