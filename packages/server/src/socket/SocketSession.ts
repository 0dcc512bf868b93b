import {
  Ack,
  DaemonSocket,
  type Identity,
  Kinds,
  type Request,
  type Runtime,
  Wake,
  type WireError
} from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Deferred, Effect, Option, Queue, Ref } from "effect"
import { Socket } from "effect/socket"
import { Heartbeat } from "../beat/Heartbeat.ts"
import { noticeFor } from "../beat/Instances.ts"
import { Journal } from "../journal/Journal.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { LoadShedding } from "../pacing/LoadShedding.ts"
import { type Denied, RuntimeAccess } from "../runtime/RuntimeAccess.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"
import { Draining } from "./Draining.ts"
import { framesPerSecond, makeFrameRate } from "./FrameRate.ts"
import type { Holders } from "./Holders.ts"

/**
 * How many frames may be pending; a further sender waits, so that no ack is lost when many runtimes beat concurrently.
 */
const sendBuffer = 64

/** How many wakes are handled at the same time, so that one that hangs delays no other. */
const wakeConcurrency = 8

const text = (frame: string | Uint8Array) => typeof frame === "string" ? frame : new TextDecoder().decode(frame)

/**
 * Runs one daemon's socket from the upgrade to its end: receives beats, sends acks, and claims work for each wake of one
 * of its runtimes. Ends when the daemon disconnects, stops answering pings (`Pings`), or its turn comes in the drain. The
 * beat interval is no reason to end a socket.
 * `proof` returns when the daemon is known to receive frames: no wake claims work before.
 * `admission` returns the current credential: each frame and each wake checks it again, so an ended membership is refused
 * as over HTTP. `ended` returns when the token has ended, which closes the socket.
 */
export const socketSession = Effect.fnUntraced(function*(
  socket: Socket.Socket,
  { admission, ended, holders, instance, places, proof }: {
    readonly admission: Effect.Effect<Identity.Credential, WireError.Unauthenticated | WireError.ServerFault>
    readonly ended: Effect.Effect<void>
    readonly holders: Holders
    /** The id of the daemon's process; see `Instances`. */
    readonly instance: string
    /** `left` returns when the person of the socket is no longer a member of the workspace of these runtimes. */
    readonly places: ReadonlyArray<{
      readonly runtimes: ReadonlyArray<Runtime.RuntimeId>
      readonly left: Effect.Effect<void>
    }>
    readonly proof: Effect.Effect<void>
  },
  ids: ReadonlyMap<Runtime.RuntimeId, string>
) {
  const access = yield* RuntimeAccess
  const conditions = yield* Conditions
  const directory = yield* RuntimeDirectory
  const draining = yield* Draining
  const metrics = yield* ServerMetrics
  const heartbeat = yield* Heartbeat
  const shedding = yield* LoadShedding
  const wake = yield* Wake.Wake
  const { pull } = yield* socket.reader
  const { write } = yield* socket.writer
  const outgoing = yield* Queue.bounded<string>(sendBuffer)
  const batching = yield* Ref.make(false)
  const pacing = yield* Ref.make(false)
  const beating = new Set<Runtime.RuntimeId>()
  const withinRate = makeFrameRate(ids.size)
  const held = yield* holders.hold(ids.keys(), instance)

  const send = (frame: string) => Queue.offer(outgoing, frame)

  const expel = write(new Socket.CloseEvent(1008, "the token is no longer valid"))

  /** Returns the ack fields for beat interval and server time, for a daemon that reads them. */
  const timing = Effect.fnUntraced(function*(id: Runtime.RuntimeId) {
    const now = yield* Clock.currentTimeMillis
    const notice = noticeFor(directory.known(id), instance, now)
    if (!(yield* Ref.get(pacing))) return notice
    return { ...shedding.fields(now), ...notice, server_time_ms: now }
  })

  const sendWork = Effect.fnUntraced(
    function*(runtime: Runtime.RuntimeId, id: string, work: ReadonlyArray<Request.Request>) {
      const frame = DaemonSocket.ackFrame(
        id,
        Ack.write(Kinds.all, work, yield* Ref.get(batching)),
        yield* timing(runtime)
      )
      if (frame.length <= DaemonSocket.maxFrameToDaemon) return yield* send(frame)
      yield* Effect.logWarning("work does not fit into one frame, sending it with the next beat")
      return yield* send(DaemonSocket.ackFrame(id, {}))
    }
  )

  /** Sends gone for a provably absent row only; a fault or a refused access gets no answer. */
  const refuse = (id: string, error: Denied | WireError.Unauthenticated | WireError.Conflict) => {
    if (error.name === "Conflict") return send(DaemonSocket.secondDaemonFrame(id))
    if (error.code === "runtime_not_found") return send(DaemonSocket.goneFrame(id))
    if (error.name === "Unauthenticated") return expel
    return Effect.logDebug(error.error)
  }

  const onBeat = ({ batches, runtimeId, text: id }: DaemonSocket.DaemonFrame) =>
    Effect.flatMap(admission, (credential) => heartbeat.beat(credential, runtimeId, batches, "socket", instance)).pipe(
      Effect.matchEffect({
        onSuccess: (work) => sendWork(runtimeId, id, work),
        onFailure: (error) => refuse(id, error)
      }),
      Effect.catchDefect((defect) =>
        conditions.begin("defect:beat", `a beat failed with a defect: ${String(defect)}`, {
          level: "Error",
          lapse: "beats no longer fail with a defect"
        })
      ),
      Effect.ensuring(Effect.sync(() => beating.delete(runtimeId)))
    )

  /** Beats run concurrently: a slow one delays no other runtime. A second beat of a runtime during its first is ignored. */
  const onFrame = Effect.fnUntraced(function*(frame: string) {
    const read = DaemonSocket.readDaemonFrame(frame)
    if (Option.isNone(read) || !held.ids.has(read.value.runtimeId) || beating.has(read.value.runtimeId)) return
    beating.add(read.value.runtimeId)
    yield* Ref.set(batching, read.value.batches)
    yield* Ref.set(pacing, read.value.paces)
    yield* Effect.forkChild(onBeat(read.value), { startImmediately: true })
  })

  const flooded = Effect.suspend(() => {
    metrics.bounds.socket_frames()
    const reason = `more than ${framesPerSecond(ids.size)} frames in a second: send one beat per runtime each 15 s`
    return write(new Socket.CloseEvent(1008, reason))
  })

  const receive = Effect.gen(function*() {
    while (true) {
      const frames = yield* pull
      const now = yield* Clock.currentTimeMillis
      for (const frame of frames) {
        if (!withinRate(now)) return yield* flooded
        yield* onFrame(text(frame))
      }
    }
  })

  yield* shedding.join(ids.size)
  yield* (yield* Journal).join([...ids.keys()])
  const wakes = yield* wake.subscribe(
    [...ids.keys()].flatMap((id) => [Wake.topic.runtime(id), Wake.topic.tasks(id)])
  )
  const collect = Effect.fnUntraced(function*(id: Runtime.RuntimeId, text: string) {
    const work = yield* heartbeat.collect(id, yield* Ref.get(batching))
    if (work.length > 0) return yield* sendWork(id, text, work)
    const found = yield* Effect.option(directory.findNow(id))
    if (Option.isSome(found) && found.value._tag === "Gone") yield* send(DaemonSocket.goneFrame(text))
  })
  const onWake = (id: Runtime.RuntimeId) => held.ids.has(id) ? admitted(id) : Effect.void
  const admitted = (id: Runtime.RuntimeId) =>
    Effect.flatMap(admission, (credential) => access.runtime(credential, id)).pipe(
      Effect.matchEffect({
        onSuccess: () => collect(id, ids.get(id)!),
        onFailure: (error) => refuse(ids.get(id)!, error)
      })
    )
  /** The daemon asks for its tasks itself, over HTTP: this is the hint to do so. */
  const onTasks = (id: Runtime.RuntimeId) =>
    held.ids.has(id) ? send(DaemonSocket.taskAvailableFrame(ids.get(id)!)) : Effect.void
  const follow = Effect.forever(
    Effect.flatMap(Queue.take(wakes), (topic) => {
      const [kind, id] = topic.split(":") as [string, Runtime.RuntimeId]
      return kind === "tasks" ? onTasks(id) : onWake(id)
    })
  )
  const listen = Effect.andThen(
    proof,
    Effect.all(Array.from({ length: wakeConcurrency }, () => follow), { concurrency: "unbounded" })
  )

  /** Notifies the daemon of runtimes that left their workspace with its person, without waiting for a beat. */
  const part = Effect.forEach(
    places,
    ({ left, runtimes }) => Effect.andThen(left, Effect.forEach(runtimes, onWake, { discard: true })),
    { concurrency: "unbounded", discard: true }
  ).pipe(Effect.andThen(Effect.never))

  const deliver = Effect.forever(Effect.flatMap(Queue.take(outgoing), write))
  const leave = Effect.andThen(draining.turn, write(new Socket.CloseEvent(1012, "server restart")))

  const replaced = Effect.andThen(
    Deferred.await(held.replaced),
    write(new Socket.CloseEvent(4001, "a newer socket serves these runtimes"))
  )

  yield* Effect.raceAllFirst([receive, listen, part, deliver, leave, replaced, Effect.andThen(ended, expel)])
})
