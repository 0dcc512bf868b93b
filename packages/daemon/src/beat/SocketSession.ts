import { DaemonSocket, PacingFields, type Request, type Runtime } from "@muster/domain"
import { Clock, Effect, HashMap, Option, Ref, Schedule } from "effect"
import { BeatInterval } from "../client/BeatInterval.ts"
import { ServerClock } from "../client/ServerClock.ts"
import { WallClock } from "../clock/WallClock.ts"
import { Intervals } from "../Intervals.ts"
import { TaskHints } from "../runtime/TaskHints.ts"
import { Acks } from "./Acks.ts"
import type { Connection } from "./Dial.ts"
import { SocketEnded } from "./SocketEnded.ts"
import { SocketLiveness } from "./SocketLiveness.ts"
import { makeWakeBeats } from "./WakeBeats.ts"

const makeDependencies = Effect.gen(function*() {
  return {
    acks: yield* Acks,
    liveness: yield* SocketLiveness,
    intervals: yield* Intervals,
    beatInterval: yield* BeatInterval,
    clock: yield* ServerClock,
    hints: yield* TaskHints,
    wall: yield* WallClock
  }
})

type Dependencies = Effect.Success<typeof makeDependencies>

/** An open connection. */
interface Session extends Dependencies {
  readonly connection: Connection
  /** The runtimes that it carries. */
  readonly ids: ReadonlyArray<Runtime.RuntimeId>
  /** Since when it is open, in epoch ms. */
  readonly since: number
  /** When the beats that are not answered yet were sent, in epoch ms by this machine's wall clock. */
  readonly sent: Ref.Ref<HashMap.HashMap<Runtime.RuntimeId, number>>
}

const beat = Effect.fnUntraced(function*({ connection, sent, wall }: Session, id: Runtime.RuntimeId) {
  const now = yield* wall
  yield* Ref.update(sent, HashMap.set(id, now))
  yield* connection.send(DaemonSocket.heartbeatFrame(id))
})

/** Removes the unanswered beat of a runtime and returns when it was sent. */
const takeSent = ({ sent }: Session, id: Runtime.RuntimeId) =>
  Ref.modify(sent, (all) => [HashMap.get(all, id), HashMap.remove(all, id)])

/** Applies what an ack of a living runtime reports besides its work: the pace, the last beat, the server's clock. */
const learn = Effect.fnUntraced(function*(session: Session, id: Runtime.RuntimeId, fields: Request.Json) {
  const { beatInterval, clock, intervals, since, wall } = session
  const timing = PacingFields.read(fields)
  const now = yield* Clock.currentTimeMillis
  yield* beatInterval.update(timing, now - since >= intervals.healthy)
  const sent = yield* takeSent(session, id)
  if (Option.isNone(sent)) return
  yield* clock.beaten(id)
  if (timing.serverTime === null) return
  yield* clock.reading({ server: timing.serverTime, sent: sent.value, received: yield* wall, resolution: 1 })
})

type Ack = Extract<DaemonSocket.ServerFrame, { readonly type: "ack" }>

const onAck = Effect.fnUntraced(function*(session: Session, { fields, gone, runtimeId, second = false }: Ack) {
  const { acks, liveness } = session
  if (!gone && !second) {
    yield* liveness.acked(runtimeId)
    yield* learn(session, runtimeId, fields)
  }
  if (gone) yield* liveness.gone(runtimeId)
  yield* acks.receive(runtimeId, { gone, second, fields }, "socket")
})

/** Reads frames until the end. Ignores those that are binary, unknown, malformed or of other runtimes. */
const read = Effect.fnUntraced(function*(session: Session) {
  const own = new Set(session.ids)
  const wake = yield* makeWakeBeats((id) => beat(session, id))
  const onFrame = (frame: string | Uint8Array): Effect.Effect<void> => {
    const read = typeof frame === "string" ? DaemonSocket.readServerFrame(frame) : Option.none()
    if (Option.isNone(read) || !own.has(read.value.runtimeId)) return Effect.void
    if (read.value.type === "task_available") return session.hints.hint
    if (read.value.type === "pending_work") return Effect.andThen(session.hints.hint, wake(read.value.runtimeId))
    return read.value.type === "ack" ? onAck(session, read.value) : Effect.void
  }
  return yield* Effect.forever(
    Effect.flatMap(session.connection.frames, Effect.forEach(onFrame, { discard: true }))
  )
})

/** Beats of all runtimes: at once, then at the server's pace. */
const beats = (session: Session) =>
  Effect.forEach(session.ids, (id) => beat(session, id), { discard: true }).pipe(
    Effect.repeat(Schedule.modifyDelay(Schedule.forever, () => session.beatInterval.current)),
    Effect.andThen(Effect.never)
  )

/** Fails once nothing was received for the time that a silent connection has. */
const listen = ({ connection, intervals: { silence } }: Session) =>
  connection.heard.pipe(
    Effect.timeoutOrElse({
      duration: silence,
      orElse: () => Effect.fail(new SocketEnded({ reason: `nothing heard for ${silence / 1_000} s`, status: null }))
    }),
    Effect.forever
  )

/**
 * Returns what uses one open connection until its end: a beat of each runtime at once and then at the server's pace, acks as
 * they come. Nothing heard for 60 s, not even a ping, is an end too.
 */
export const makeSocketSession = Effect.map(makeDependencies, (deps) =>
  Effect.fnUntraced(
    function*(
      connection: Connection,
      ids: ReadonlyArray<Runtime.RuntimeId>
    ): Effect.fn.Return<never, SocketEnded> {
      const since = yield* Clock.currentTimeMillis
      const session = {
        ...deps,
        connection,
        ids,
        since,
        sent: yield* Ref.make(HashMap.empty<Runtime.RuntimeId, number>())
      }
      // What was queued while there was no socket.
      yield* deps.hints.hint
      return yield* Effect.raceAllFirst([read(session), beats(session), listen(session)])
    },
    Effect.ensuring(deps.liveness.clear)
  ))
