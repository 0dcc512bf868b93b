import { readTiming, type RuntimeId } from "@muster/domain"
import { Effect, Layer, Random, Stream } from "effect"
import { BeatInterval } from "../client/BeatInterval.ts"
import { type BeatReply, ServerApi } from "../client/ServerApi.ts"
import { ServerClock } from "../client/ServerClock.ts"
import type { Refused } from "../client/ServerError.ts"
import { SleepWatch } from "../clock/SleepWatch.ts"
import { Conditions } from "../condition/Conditions.ts"
import { Intervals } from "../Intervals.ts"
import { followKeys } from "../runtime/FollowKeys.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import { runtimesOf } from "../runtime/RuntimeState.ts"
import { supervised } from "../supervised.ts"
import { Acks } from "./Acks.ts"
import { SocketLiveness } from "./SocketLiveness.ts"

const condition = "beats"
/** Beats that are refused are spoken of after this, in ms: of a workspace that was left, the next sync takes them away. */
const grace = 45_000

/**
 * HTTP beats: one fibre per runtime, the first beat after a random part of the interval, then one each interval, at the
 * server's pace; silent while the socket serves that runtime, but not right after the machine was asleep. A beat waits
 * for no other runtime's.
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
  /** Those whose beats the server refuses. */
  const refused = new Set<RuntimeId>()

  const onRefusal = Effect.fnUntraced(function*(id: RuntimeId, { message }: Refused) {
    refused.add(id)
    const whose = refused.size === 1 ? "a runtime" : `${refused.size} runtimes`
    yield* conditions.begin(condition, `the server refuses the beats of ${whose}. ${message}`, { grace })
  })
  const notRefused = (id: RuntimeId) =>
    Effect.suspend(() =>
      refused.delete(id) && refused.size === 0
        ? conditions.end(condition, "the server refuses no beats any more")
        : Effect.void
    )

  const onReply = Effect.fnUntraced(function*(id: RuntimeId, reply: BeatReply) {
    yield* notRefused(id)
    if (!reply.gone) {
      yield* clock.beaten(id)
      yield* beatInterval.update(readTiming(reply.fields), false)
    }
    yield* acks.receive(id, reply, "beat")
    return yield* beatInterval.current
  })

  /** Answers how long to wait for the next one, in ms. */
  const beat = Effect.fnUntraced(function*(id: RuntimeId, woken: boolean) {
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

  /** Answers whether it was cut short because the machine woke. */
  const untilWoken = (step: Effect.Effect<unknown>) => Effect.raceFirst(Effect.as(step, false), Effect.as(woke, true))

  const loop = Effect.fnUntraced(function*(id: RuntimeId) {
    const offset = (yield* Random.next) * (yield* beatInterval.current)
    let woken = yield* untilWoken(Effect.sleep(Math.floor(offset)))
    while (true) woken = yield* untilWoken(Effect.flatMap(beat(id, woken), Effect.sleep))
  })

  yield* followKeys(
    Stream.map(set.changes, (state) => runtimesOf(state).map(({ id }) => id)),
    (id) => Effect.ensuring(supervised("beats", loop(id)), notRefused(id))
  ).pipe(Effect.forkScoped)
}))
