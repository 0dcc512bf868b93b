import type { Runtime } from "@muster/domain"
import { Conditions, restartOn, supervised } from "@muster/kit"
import { Context, Duration, Effect, Layer, Random, Ref, Schedule } from "effect"
import { BeatInterval } from "../client/BeatInterval.ts"
import { MachineAccess } from "../client/MachineAccess.ts"
import { serverDown, tokenRefused } from "../client/ServerWatch.ts"
import { SleepWatch } from "../clock/SleepWatch.ts"
import { Intervals } from "../Intervals.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import { runtimesOf, type RuntimeState } from "../runtime/RuntimeState.ts"
import { Dial } from "./Dial.ts"
import type { SocketEnded } from "./SocketEnded.ts"
import { makeSocketSession } from "./SocketSession.ts"

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

const makeDependencies = Effect.gen(function*() {
  return {
    dial: yield* Dial,
    set: yield* RuntimeSet,
    conditions: yield* Conditions,
    machine: yield* MachineAccess,
    intervals: yield* Intervals,
    beatInterval: yield* BeatInterval,
    sleepWatch: yield* SleepWatch,
    session: yield* makeSocketSession,
    connected: yield* Ref.make(false)
  }
})

type Dependencies = Effect.Success<typeof makeDependencies>

const idsOf = (state: RuntimeState): ReadonlyArray<Runtime.RuntimeId> =>
  runtimesOf(state).map(({ id }) => id).toSorted().slice(0, maxIdsPerSocket)

const sameIds = (a: ReadonlyArray<Runtime.RuntimeId>, b: ReadonlyArray<Runtime.RuntimeId>) =>
  a.length === b.length && a.every((id, index) => id === b[index])

/** The end of a connection, or of an attempt to have one. */
interface Lost {
  readonly ended: SocketEnded
  /** Whether it was open for long enough to count as healthy. */
  readonly wasHealthy: boolean
}

/**
 * The pauses before the socket is dialed again: a random part of `first`, doubled with each connection in a row that did not
 * get healthy, at most of `max`, and never of less than the window that the server asked for ("full jitter"), so that a fleet
 * which lost its server returns spread over the whole time.
 */
const redials = ({ beatInterval, intervals: { redial, refused } }: Dependencies) =>
  Schedule.min([Schedule.exponential(redial.first), Schedule.spaced(redial.max)]).pipe(
    Schedule.setInputType<Lost>(),
    restartOn(({ wasHealthy }) => wasHealthy),
    Schedule.modifyDelay(Effect.fnUntraced(function*({ duration, input: { ended: { noUpgrade, status } } }) {
      const window = Math.max(Duration.toMillis(duration), yield* beatInterval.reconnectWindow)
      const pause = window * (yield* Random.next)
      return status === 401 || noUpgrade === true ? Math.max(pause, refused) : pause
    }))
  )

/** One connection until its end. */
const connect = Effect.fnUntraced(function*(deps: Dependencies, ids: ReadonlyArray<Runtime.RuntimeId>) {
  const { conditions, connected, dial, intervals, session } = deps
  const wasHealthy = yield* Ref.make(false)
  const getHealthy = Effect.sleep(intervals.healthy).pipe(
    Effect.andThen(Ref.set(wasHealthy, true)),
    Effect.andThen(conditions.end(condition, "WebSocket connected again"))
  )
  return yield* Effect.gen(function*() {
    const connection = yield* dial.dial(ids)
    yield* Effect.acquireRelease(Ref.set(connected, true), () => Ref.set(connected, false))
    yield* Effect.forkScoped(getHealthy)
    return yield* session(connection, ids)
  }).pipe(
    Effect.scoped,
    Effect.catch((ended) =>
      Effect.flatMap(
        Ref.get(wasHealthy),
        (healthy): Effect.Effect<never, Lost> => Effect.fail({ ended, wasHealthy: healthy })
      )
    )
  )
})

/** The code with which a server closes a socket whose credential has ended. */
const isExpelled = ({ reason, status }: SocketEnded) => status === 401 || /^closed with \D*1008\b/.test(reason)

const onEnd = Effect.fnUntraced(function*({ conditions, machine }: Dependencies, { ended }: Lost) {
  const { noUpgrade = false, reason, status } = ended
  if (machine !== undefined && isExpelled(ended)) yield* machine.refused
  yield* conditions.begin(
    condition,
    `WebSocket connection failed, using HTTP heartbeats: ${reason}${noUpgrade ? noUpgradeAdvice : ""}`,
    {
      grace: noUpgrade ? 0 : grace,
      because: status === 401 ? tokenRefused : serverDown,
      once: noUpgrade
    }
  )
})

/** Waits for runtimes. While there are none, no socket is needed. */
const awaitIds = Effect.fnUntraced(function*({ conditions, set }: Dependencies) {
  if (idsOf(yield* set.state).length === 0) {
    yield* conditions.end(condition, "no runtimes, so no WebSocket is needed")
  }
  return idsOf(yield* set.until((state) => idsOf(state).length > 0))
})

/** Keeps a socket of these runtimes until they change or the machine slept. */
const serve = (deps: Dependencies, ids: ReadonlyArray<Runtime.RuntimeId>) =>
  Effect.raceAllFirst([
    connect(deps, ids).pipe(
      Effect.tapError((lost) => onEnd(deps, lost)),
      Effect.retry(redials(deps)),
      // The pauses never run out.
      Effect.orDie
    ),
    deps.set.until((state) => !sameIds(idsOf(state), ids)),
    deps.sleepWatch.woke
  ])

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
      const deps = yield* makeDependencies
      const loop = Effect.flatMap(awaitIds(deps), (ids) => serve(deps, ids))
      yield* Effect.forkScoped(supervised("socket", Effect.forever(loop)))
      return { isConnected: Ref.get(deps.connected) }
    })
  )
}
