import { heartbeatFrame, readServerFrame, type RuntimeId } from "@muster/domain"
import { Effect, Option } from "effect"
import { Intervals } from "../Intervals.ts"
import { Acks } from "./Acks.ts"
import { type Connection, SocketEnded } from "./Dial.ts"
import { Freshness } from "./Freshness.ts"

/**
 * One open connection until its end: a beat of each runtime at once and then each interval, acks as they come. Frames
 * that are binary, unknown or malformed are ignored. Nothing heard for 60 s, not even a ping, is an end too.
 */
export const makeSocketSession = Effect.gen(function*() {
  const acks = yield* Acks
  const freshness = yield* Freshness
  const intervals = yield* Intervals

  const onFrame = Effect.fnUntraced(function*(ids: ReadonlySet<RuntimeId>, frame: string | Uint8Array) {
    if (typeof frame !== "string") return
    const read = readServerFrame(frame)
    if (Option.isNone(read) || read.value.type !== "ack") return
    const { fields, gone, runtimeId } = read.value
    if (!ids.has(runtimeId)) return
    if (!gone) yield* freshness.acked(runtimeId)
    yield* acks.receive(runtimeId, { gone, fields }, "socket")
  })

  return (connection: Connection, ids: ReadonlyArray<RuntimeId>): Effect.Effect<never, SocketEnded> => {
    const own = new Set(ids)
    const read = connection.frames.pipe(
      Effect.flatMap(Effect.forEach((frame) => onFrame(own, frame), { discard: true })),
      Effect.forever
    )
    const beat = Effect.forEach(ids, (id) => connection.send(heartbeatFrame(id)), { discard: true }).pipe(
      Effect.andThen(Effect.sleep(intervals.beat)),
      Effect.forever
    )
    const listen = connection.heard.pipe(
      Effect.timeoutOrElse({
        duration: intervals.silence,
        orElse: () =>
          Effect.fail(new SocketEnded({ reason: `nothing heard for ${intervals.silence / 1_000} s`, status: null }))
      }),
      Effect.forever
    )
    return Effect.raceAllFirst([read, beat, listen]).pipe(Effect.ensuring(freshness.clear))
  }
})
