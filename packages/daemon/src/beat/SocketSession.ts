import { DaemonSocket, PacingFields, type Request, type Runtime } from "@muster/domain"
import { Clock, Effect, Option } from "effect"
import { BeatInterval } from "../client/BeatInterval.ts"
import { ServerClock } from "../client/ServerClock.ts"
import { WallClock } from "../clock/WallClock.ts"
import { Intervals } from "../Intervals.ts"
import { Acks } from "./Acks.ts"
import type { Connection } from "./Dial.ts"
import { SocketEnded } from "./SocketEnded.ts"
import { SocketLiveness } from "./SocketLiveness.ts"

/** Between two beats of one runtime that hints cause, in ms. */
const hintedEach = 1_000

/**
 * One open connection until its end: a beat of each runtime at once and then at the server's pace, acks as they come. Frames
 * that are binary, unknown or malformed are ignored. Nothing heard for 60 s, not even a ping, is an end too.
 */
export const makeSocketSession = Effect.gen(function*() {
  const acks = yield* Acks
  const liveness = yield* SocketLiveness
  const intervals = yield* Intervals
  const beatInterval = yield* BeatInterval
  const clock = yield* ServerClock
  const wall = yield* WallClock

  /** What an ack of a living runtime tells besides its work. `sent`: when its beat left, while it is unanswered. */
  const learn = Effect.fnUntraced(
    function*(id: Runtime.RuntimeId, fields: Request.Json, since: number, sent: Map<Runtime.RuntimeId, number>) {
      const timing = PacingFields.read(fields)
      const now = yield* Clock.currentTimeMillis
      yield* beatInterval.update(timing, now - since >= intervals.healthy)
      const beatenAt = sent.get(id)
      if (beatenAt === undefined || !sent.delete(id)) return
      yield* clock.beaten(id)
      if (timing.serverTime === null) return
      yield* clock.reading({ server: timing.serverTime, sent: beatenAt, received: yield* wall, resolution: 1 })
    }
  )

  return Effect.fnUntraced(
    function*(connection: Connection, ids: ReadonlyArray<Runtime.RuntimeId>): Effect.fn.Return<never, SocketEnded> {
      const own = new Set(ids)
      const sent = new Map<Runtime.RuntimeId, number>()
      const since = yield* Clock.currentTimeMillis

      const beat = Effect.fnUntraced(function*(id: Runtime.RuntimeId) {
        sent.set(id, yield* wall)
        yield* connection.send(DaemonSocket.heartbeatFrame(id))
      })

      /** Runtimes that were beaten for a hint less than a second ago; true: another hint came since. */
      const hinted = new Map<Runtime.RuntimeId, boolean>()
      /** One beat at once; hints that come within a second of it are one more beat, so that none is lost. */
      const beatHinted = (id: Runtime.RuntimeId): Effect.Effect<void, SocketEnded> =>
        Effect.gen(function*() {
          hinted.set(id, false)
          yield* beat(id)
          yield* Effect.sleep(hintedEach)
          if (hinted.get(id) === true) return yield* beatHinted(id)
          hinted.delete(id)
        })
      const onHint = Effect.fnUntraced(function*(id: Runtime.RuntimeId) {
        if (!own.has(id)) return
        if (hinted.has(id)) return void hinted.set(id, true)
        yield* Effect.forkChild(Effect.ignore(beatHinted(id)), { startImmediately: true })
      })

      const onFrame = Effect.fnUntraced(function*(frame: string | Uint8Array) {
        if (typeof frame !== "string") return
        const read = DaemonSocket.readServerFrame(frame)
        if (Option.isNone(read)) return
        if (read.value.type === "pending_work") return yield* onHint(read.value.runtimeId)
        if (read.value.type !== "ack") return
        const { fields, gone, runtimeId, second = false } = read.value
        if (!own.has(runtimeId)) return
        if (!gone && !second) {
          yield* liveness.acked(runtimeId)
          yield* learn(runtimeId, fields, since, sent)
        }
        if (gone) yield* liveness.gone(runtimeId)
        yield* acks.receive(runtimeId, { gone, second, fields }, "socket")
      })
      const read = connection.frames.pipe(
        Effect.flatMap(Effect.forEach(onFrame, { discard: true })),
        Effect.forever
      )

      const beats = Effect.forEach(ids, beat, { discard: true }).pipe(
        Effect.andThen(beatInterval.current),
        Effect.flatMap(Effect.sleep),
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
      return yield* Effect.raceAllFirst([read, beats, listen])
    },
    Effect.ensuring(liveness.clear)
  )
})
