import { PacingFields, type Runtime } from "@muster/domain"
import { Conditions, pauseAsReturned, supervised } from "@muster/kit"
import { Effect, HashSet, Layer, Random, Ref, Stream } from "effect"
import { BeatInterval } from "../client/BeatInterval.ts"
import { type BeatReply, ServerApi } from "../client/ServerApi.ts"
import { ServerClock } from "../client/ServerClock.ts"
import type { Refused } from "../client/ServerError.ts"
import { SleepWatch } from "../clock/SleepWatch.ts"
import { Intervals } from "../Intervals.ts"
import { followKeys } from "../runtime/FollowKeys.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import { runtimesOf } from "../runtime/RuntimeState.ts"
import { Acks } from "./Acks.ts"
import { SocketLiveness } from "./SocketLiveness.ts"

const condition = "beats"
/** Rejected heartbeats are logged after this, in ms: those of a workspace that was left end with the next sync. */
const grace = 45_000

const makeDependencies = Effect.gen(function*() {
  return {
    server: yield* ServerApi,
    set: yield* RuntimeSet,
    acks: yield* Acks,
    liveness: yield* SocketLiveness,
    intervals: yield* Intervals,
    beatInterval: yield* BeatInterval,
    clock: yield* ServerClock,
    conditions: yield* Conditions,
    sleepWatch: yield* SleepWatch,
    /** The runtimes whose heartbeats the server rejects. */
    refused: yield* Ref.make(HashSet.empty<Runtime.RuntimeId>())
  }
})

type Dependencies = Effect.Success<typeof makeDependencies>

const onRefusal = Effect.fnUntraced(
  function*({ conditions, refused }: Dependencies, id: Runtime.RuntimeId, { message }: Refused) {
    const count = HashSet.size(yield* Ref.updateAndGet(refused, HashSet.add(id)))
    const whose = count === 1 ? "a runtime" : `${count} runtimes`
    yield* conditions.begin(condition, `the server rejects the heartbeats of ${whose}: ${message}`, { grace })
  }
)

const notRefused = Effect.fnUntraced(function*({ conditions, refused }: Dependencies, id: Runtime.RuntimeId) {
  const before = yield* Ref.getAndUpdate(refused, HashSet.remove(id))
  if (HashSet.size(before) === 1 && HashSet.has(before, id)) {
    yield* conditions.end(condition, "the server accepts all heartbeats again")
  }
})

const onReply = Effect.fnUntraced(function*(deps: Dependencies, id: Runtime.RuntimeId, reply: BeatReply) {
  const { acks, beatInterval, clock } = deps
  yield* notRefused(deps, id)
  if (!reply.gone) {
    yield* clock.beaten(id)
    yield* beatInterval.update(PacingFields.read(reply.fields), false)
  }
  yield* acks.receive(id, reply, "beat")
  return yield* beatInterval.current
})

/** Sends a heartbeat if one is needed. Returns the pause before the next one, in ms. */
const beat = Effect.fnUntraced(function*(deps: Dependencies, id: Runtime.RuntimeId, woken: boolean) {
  const { beatInterval, intervals, liveness, server, set } = deps
  const usual = yield* beatInterval.current
  if (!woken && (yield* liveness.isLive(id))) return usual
  return yield* server.heartbeat(id).pipe(
    Effect.flatMap((reply) => onReply(deps, id, reply)),
    Effect.catchTags({
      Gone: () => Effect.as(set.gone(id), usual),
      Refused: (error) =>
        error.isAboutToken
          ? Effect.succeed(Math.max(intervals.refused, usual))
          : Effect.as(onRefusal(deps, id, error), usual),
      // The server may ask for a longer pause, but not for one that makes the runtime look dead.
      Unreachable: ({ retryAfter }) => Effect.succeed(Math.min(Math.max(retryAfter ?? 0, usual), intervals.refused))
    })
  )
})

/** Beats at the pace that each one returns. `woken`: the machine slept before the first one. */
const beats = (deps: Dependencies, id: Runtime.RuntimeId, woken: boolean) =>
  Effect.flatMap(
    beat(deps, id, woken),
    (pause) => Effect.delay(Effect.repeat(beat(deps, id, false), pauseAsReturned), pause)
  )

const loop = Effect.fnUntraced(function*(deps: Dependencies, id: Runtime.RuntimeId) {
  const { beatInterval, sleepWatch: { woke } } = deps
  const offset = Math.floor((yield* Random.next) * (yield* beatInterval.current))
  yield* Effect.raceFirst(Effect.delay(beats(deps, id, false), offset), woke)
  return yield* Effect.forever(Effect.raceFirst(beats(deps, id, true), woke))
})

/**
 * Sends HTTP heartbeats: one fiber per runtime, the first after a random part of the interval, then one per interval, as
 * the server requests. It sends none while the socket serves that runtime, except right after the machine slept. Runtimes
 * do not wait for each other.
 */
export const layerBeatLoop = Layer.effectDiscard(Effect.gen(function*() {
  const deps = yield* makeDependencies
  yield* followKeys(
    Stream.map(deps.set.changes, (state) => runtimesOf(state).map(({ id }) => id)),
    (id) => Effect.ensuring(supervised("beats", loop(deps, id)), notRefused(deps, id))
  ).pipe(Effect.forkScoped)
}))
