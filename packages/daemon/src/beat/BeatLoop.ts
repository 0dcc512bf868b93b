import { PacingFields, type Runtime } from "@muster/domain"
import { Conditions, supervised } from "@muster/kit"
import { Effect, Layer, Random, Stream } from "effect"
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

/**
 * Sends HTTP heartbeats: one fiber per runtime, the first after a random part of the interval, then one per interval, as
 * the server requests. It sends none while the socket serves that runtime, except right after the machine slept. Runtimes
 * do not wait for each other.
 */
export const layerBeatLoop = Layer.effectDiscard(Effect.gen(function*() {
  const server = yield* ServerApi
  const set = yield* RuntimeSet
  const acks = yield* Acks
  const liveness = yield* SocketLiveness
  const intervals = yield* Intervals
  const beatInterval = yield* BeatInterval
  const clock = yield* ServerClock
  const conditions = yield* Conditions
  const { woke } = yield* SleepWatch
  /** Runtimes whose heartbeats the server rejects. */
  const refused = new Set<Runtime.RuntimeId>()

  const onRefusal = Effect.fnUntraced(function*(id: Runtime.RuntimeId, { message }: Refused) {
    refused.add(id)
    const whose = refused.size === 1 ? "a runtime" : `${refused.size} runtimes`
    yield* conditions.begin(condition, `the server rejects the heartbeats of ${whose}: ${message}`, { grace })
  })
  const notRefused = (id: Runtime.RuntimeId) =>
    Effect.suspend(() =>
      refused.delete(id) && refused.size === 0
        ? conditions.end(condition, "the server accepts all heartbeats again")
        : Effect.void
    )

  const onReply = Effect.fnUntraced(function*(id: Runtime.RuntimeId, reply: BeatReply) {
    yield* notRefused(id)
    if (!reply.gone) {
      yield* clock.beaten(id)
      yield* beatInterval.update(PacingFields.read(reply.fields), false)
    }
    yield* acks.receive(id, reply, "beat")
    return yield* beatInterval.current
  })

  /** Returns the pause before the next one, in ms. */
  const beat = Effect.fnUntraced(function*(id: Runtime.RuntimeId, woken: boolean) {
    const usual = yield* beatInterval.current
    if (!woken && (yield* liveness.isLive(id))) return usual
    return yield* server.heartbeat(id).pipe(
      Effect.flatMap((reply) => onReply(id, reply)),
      Effect.catchTags({
        Gone: () => Effect.as(set.gone(id), usual),
        Refused: (error) =>
          error.isAboutToken
            ? Effect.succeed(Math.max(intervals.refused, usual))
            : Effect.as(onRefusal(id, error), usual),
        // The server may ask for a longer pause, but not for one that makes the runtime look dead.
        Unreachable: ({ retryAfter }) => Effect.succeed(Math.min(Math.max(retryAfter ?? 0, usual), intervals.refused))
      })
    )
  })

  /** Returns whether the machine woke before the step ended. */
  const untilWoken = (step: Effect.Effect<unknown>) => Effect.raceFirst(Effect.as(step, false), Effect.as(woke, true))

  const loop = Effect.fnUntraced(function*(id: Runtime.RuntimeId) {
    const offset = (yield* Random.next) * (yield* beatInterval.current)
    let woken = yield* untilWoken(Effect.sleep(Math.floor(offset)))
    while (true) woken = yield* untilWoken(Effect.flatMap(beat(id, woken), Effect.sleep))
  })

  yield* followKeys(
    Stream.map(set.changes, (state) => runtimesOf(state).map(({ id }) => id)),
    (id) => Effect.ensuring(supervised("beats", loop(id)), notRefused(id))
  ).pipe(Effect.forkScoped)
}))
