import type { RuntimeId } from "@muster/domain"
import { Effect, Layer, Random, Stream } from "effect"
import { Intervals } from "../Intervals.ts"
import { followKeys } from "../runtime/FollowKeys.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import { runtimesOf } from "../runtime/RuntimeState.ts"
import { unending } from "../runtime/Unending.ts"
import { ServerApi } from "../server/ServerApi.ts"
import { Acks } from "./Acks.ts"
import { Freshness } from "./Freshness.ts"

/**
 * HTTP beats: one fibre per runtime, the first beat after a random part of the interval, then one each interval;
 * silent while the socket serves that runtime. A beat waits for no other runtime's.
 */
export const layerBeatLoop = Layer.effectDiscard(Effect.gen(function*() {
  const server = yield* ServerApi
  const set = yield* RuntimeSet
  const acks = yield* Acks
  const freshness = yield* Freshness
  const intervals = yield* Intervals

  /** Answers how long to wait for the next one, in ms. */
  const beat = Effect.fnUntraced(function*(id: RuntimeId) {
    if (yield* freshness.isFresh(id)) return intervals.beat
    return yield* server.heartbeat(id).pipe(
      Effect.flatMap((reply) => acks.receive(id, reply, "beat")),
      Effect.as(intervals.beat),
      Effect.catchTags({
        Gone: () => Effect.as(set.gone(id), intervals.beat),
        Refused: (error) => Effect.succeed(error.isAboutToken ? intervals.refused : intervals.beat),
        // The server may ask for a longer pause, but not for one that makes the runtime look dead.
        Unreachable: ({ retryAfter }) =>
          Effect.succeed(Math.min(Math.max(retryAfter ?? 0, intervals.beat), intervals.refused))
      })
    )
  })

  const loop = (id: RuntimeId) =>
    Random.next.pipe(
      Effect.flatMap((random) => Effect.sleep(Math.floor(random * intervals.beat))),
      Effect.andThen(Effect.forever(Effect.flatMap(beat(id), Effect.sleep)))
    )

  yield* followKeys(
    Stream.map(set.changes, (state) => runtimesOf(state).map(({ id }) => id)),
    (id) => unending("beats", loop(id))
  ).pipe(Effect.forkScoped)
}))
