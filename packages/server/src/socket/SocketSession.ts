import type { RawData, WebSocket } from "@effect/platform-node/NodeWS"
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
import { Clock, Effect, Fiber, Option, Scope } from "effect"
import { Heartbeat } from "../beat/Heartbeat.ts"
import { noticeFor } from "../beat/Instances.ts"
import { Journal } from "../journal/Journal.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { LoadShedding } from "../pacing/LoadShedding.ts"
import { type Denied, RuntimeAccess } from "../runtime/RuntimeAccess.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"
import { Draining } from "./Draining.ts"
import { type FrameRate, framesPerSecond, isWithinRate } from "./FrameRate.ts"
import { type Held, makeHolders } from "./Holders.ts"
import { Pings } from "./Pings.ts"

/** How many wakes of one socket are handled at the same time, so that one that hangs delays no other. */
const wakeConcurrency = 8

/** What is called when something ends that the socket depends on. */
export interface Ends {
  readonly token: () => void
  /** The socket's person is no longer a member of the workspace of these runtimes. */
  readonly runtimes: (ids: ReadonlyArray<Runtime.RuntimeId>) => void
}

export interface SocketSessionOptions {
  /** Returns the current credential: each frame and each wake checks it again, so an ended membership is refused as over HTTP. */
  readonly admission: Effect.Effect<
    Identity.Credential,
    WireError.Unauthenticated | WireError.Forbidden | WireError.ServerFault
  >
  /** The socket's runtimes, as the daemon spells them. */
  readonly ids: ReadonlyMap<Runtime.RuntimeId, string>
  /** The id of the daemon's process; see `Instances`. */
  readonly instance: string
  /** Watches what the socket depends on. Returns what ends each watch. */
  readonly watch: (ends: Ends) => ReadonlyArray<() => void>
}

/** What all sockets of a server share. */
const makeShared = Effect.gen(function*() {
  const metrics = yield* ServerMetrics
  // Closing the scope waits until every interrupted effect has ended, so no store is closed before.
  const scope = yield* Scope.fork(yield* Effect.scope, "parallel")
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const holders = makeHolders(metrics.bounds.runtime_sockets)
  metrics.meter.gauge("muster_runtimes_held", "Runtimes that a socket of this replica serves", holders.size)
  return {
    access: yield* RuntimeAccess,
    clock: yield* Clock.Clock,
    conditions: yield* Conditions,
    directory: yield* RuntimeDirectory,
    draining: yield* Draining,
    heartbeat: yield* Heartbeat,
    holders,
    journal: yield* Journal,
    metrics,
    pings: yield* Pings,
    /** Runs an effect until the server ends. */
    run: (effect: Effect.Effect<void>) => Fiber.runIn(fork(effect), scope),
    shedding: yield* LoadShedding,
    wake: yield* Wake.Wake
  }
})

/** One socket. Functions over this record, not closures, and no fiber at rest: a fleet has thousands of idle sockets. */
interface Session extends Held, Pick<SocketSessionOptions, "admission" | "ids" | "instance"> {
  readonly shared: Effect.Success<typeof makeShared>
  readonly socket: WebSocket
  readonly rate: FrameRate
  /** What ends each registration of the socket; called once, at its end. */
  readonly leaves: Array<() => void>
  /** What is under way; the session's end interrupts it. */
  readonly running: Set<Fiber.Fiber<void>>
  /** The runtimes whose beat is under way. */
  readonly beating: Set<Runtime.RuntimeId>
  /** Wakes that are not handled yet, each once: at most two for each runtime. */
  readonly wakes: Set<Wake.Topic>
  /** How many wakes are handled now. */
  waking: number
  /** Whether a pong has shown that the daemon receives frames. No wake claims work before. */
  proven: boolean
  ended: boolean
  /** Whether the daemon reads batches, and fields that pace it: by its last frame. */
  batches: boolean
  paces: boolean
}

/** Reports a defect, so that it ends neither the socket nor the process. */
const reportDefect = ({ shared }: Session, what: "beat" | "wake", defect: unknown) =>
  shared.conditions.begin(`defect:${what}`, `a ${what} failed with a defect: ${String(defect)}`, {
    level: "Error",
    lapse: `${what}s no longer fail with a defect`
  })

/** Runs an effect, which the session's end interrupts. */
const fork = (session: Session, what: "beat" | "wake", effect: Effect.Effect<void>) => {
  const fiber = session.shared.run(Effect.catchDefect(effect, (defect) => reportDefect(session, what, defect)))
  if (fiber.pollUnsafe() !== undefined) return
  session.running.add(fiber)
  fiber.addObserver(() => session.running.delete(fiber))
}

/** Ends the session once: interrupts what is under way, and ends its registrations. */
const end = (session: Session) => {
  if (session.ended) return
  session.ended = true
  session.wakes.clear()
  for (const fiber of session.running) fiber.interruptUnsafe()
  for (const leave of session.leaves) leave()
}

/** Sends the reason, and ends the session without waiting for the daemon to close. */
const close = (session: Session, code: number, reason: string) => {
  session.socket.close(code, reason)
  end(session)
}

const expel = (session: Session) => close(session, 1008, "the token is no longer valid")

const send = ({ socket }: Session, frame: string) => Effect.sync(() => socket.send(frame))

/** Returns the ack fields for beat interval and server time, for a daemon that reads them. */
const timing = ({ instance, paces, shared }: Session, id: Runtime.RuntimeId) => {
  const now = shared.clock.currentTimeMillisUnsafe()
  const notice = noticeFor(shared.directory.known(id), instance, now)
  return paces ? { ...shared.shedding.fields(now), ...notice, server_time_ms: now } : notice
}

const sendWork = (
  session: Session,
  runtime: Runtime.RuntimeId,
  id: string,
  work: ReadonlyArray<Request.Request>
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const frame = DaemonSocket.ackFrame(id, Ack.write(Kinds.all, work, session.batches), timing(session, runtime))
    if (frame.length <= DaemonSocket.maxFrameToDaemon) return send(session, frame)
    return Effect.andThen(
      Effect.logWarning("work does not fit into one frame, sending it with the next beat"),
      send(session, DaemonSocket.ackFrame(id, {}))
    )
  })

/** Sends gone for a provably absent row only; a fault or a refused access gets no answer. */
const refuse = (
  session: Session,
  id: string,
  error: Denied | WireError.Unauthenticated | WireError.ServerFault | WireError.Conflict
) => {
  if (error.name === "Conflict") return send(session, DaemonSocket.secondDaemonFrame(id))
  if (error.code === "runtime_not_found") return send(session, DaemonSocket.goneFrame(id))
  if (error.name === "Unauthenticated") return Effect.sync(() => expel(session))
  return Effect.logDebug(error.error)
}

const beat = (session: Session, { batches, runtimeId, text: id }: DaemonSocket.DaemonFrame) => {
  const { admission, beating, instance, shared } = session
  return Effect.flatMap(
    admission,
    (credential) => shared.heartbeat.beat(credential, runtimeId, batches, "socket", instance)
  ).pipe(
    Effect.matchEffect({
      onSuccess: (work) => sendWork(session, runtimeId, id, work),
      onFailure: (error) => refuse(session, id, error)
    }),
    Effect.ensuring(Effect.sync(() => beating.delete(runtimeId)))
  )
}

/** A second beat of a runtime during its first is ignored, and so is every frame that is no beat. */
const onFrame = (session: Session, text: string) => {
  const read = DaemonSocket.readDaemonFrame(text)
  if (Option.isNone(read)) return Effect.void
  const { batches, paces, runtimeId } = read.value
  if (!session.serves.has(runtimeId) || session.beating.has(runtimeId)) return Effect.void
  session.beating.add(runtimeId)
  session.batches = batches
  session.paces = paces
  return beat(session, read.value)
}

const textOf = (data: RawData, isBinary: boolean) =>
  isBinary ? new TextDecoder().decode(data as Buffer) : data.toString()

/** Beats run concurrently: a slow one delays no other runtime. */
const receive = (session: Session, data: RawData, isBinary: boolean) => {
  const { ended, ids, rate, shared } = session
  if (ended) return
  if (isWithinRate(rate, ids.size, shared.clock.currentTimeMillisUnsafe())) {
    return fork(session, "beat", Effect.suspend(() => onFrame(session, textOf(data, isBinary))))
  }
  shared.metrics.bounds.socket_frames()
  const reason = `more than ${framesPerSecond(ids.size)} frames in a second: send one beat per runtime each 15 s`
  close(session, 1008, reason)
}

const collect = Effect.fnUntraced(function*(session: Session, id: Runtime.RuntimeId, text: string) {
  const { directory, heartbeat } = session.shared
  const work = yield* heartbeat.collect(id, session.batches)
  if (work.length > 0) return yield* sendWork(session, id, text, work)
  const found = yield* Effect.option(directory.findNow(id))
  if (Option.isSome(found) && found.value._tag === "Gone") yield* send(session, DaemonSocket.goneFrame(text))
})

const onWork = (session: Session, id: Runtime.RuntimeId) => {
  const { admission, ids, shared } = session
  return Effect.flatMap(admission, (credential) => shared.access.runtime(credential, id)).pipe(
    Effect.matchEffect({
      onSuccess: () => collect(session, id, ids.get(id)!),
      onFailure: (error) => refuse(session, ids.get(id)!, error)
    })
  )
}

/** The daemon asks for its tasks itself, over HTTP: this is the hint to do so. */
const onTasks = (session: Session, id: Runtime.RuntimeId) =>
  send(session, DaemonSocket.taskAvailableFrame(session.ids.get(id)!))

const onWake = (session: Session, topic: Wake.Topic) => {
  const [kind, id] = topic.split(":") as [string, Runtime.RuntimeId]
  if (!session.serves.has(id)) return Effect.void
  return kind === "tasks" ? onTasks(session, id) : onWork(session, id)
}

/** Handles the next wakes, as far as `wakeConcurrency` allows. Yields first, so that the publisher of a wake does not run its handler. */
const followWakes = (session: Session) => {
  if (!session.proven) return
  for (const topic of session.wakes) {
    if (session.waking >= wakeConcurrency) return
    session.wakes.delete(topic)
    session.waking++
    const handled = Effect.andThen(Effect.yieldNow, Effect.suspend(() => onWake(session, topic)))
    fork(session, "wake", Effect.ensuring(handled, Effect.sync(() => wakeHandled(session))))
  }
}

const wakeHandled = (session: Session) => {
  session.waking--
  followWakes(session)
}

const wake = (session: Session, topic: Wake.Topic) => {
  if (session.ended) return
  session.wakes.add(topic)
  followWakes(session)
}

const prove = (session: Session) => {
  session.proven = true
  followWakes(session)
}

/** Subscribes to the wakes of the socket's runtimes, and reads no frame before: a daemon that was acked misses no wake. */
const subscribe = (session: Session) => {
  const { ids, shared, socket } = session
  const topics = [...ids.keys()].flatMap((id) => [Wake.topic.runtime(id), Wake.topic.tasks(id)])
  const subscribed = Effect.flatMap(shared.wake.listen(topics, (topic) => wake(session, topic)), (leave) => {
    if (session.ended) return leave
    session.leaves.push(() => shared.run(leave))
    return Effect.void
  })
  socket.pause()
  // An ended session reads on, too: its socket closes with the daemon's answer.
  const resumed = Effect.ensuring(subscribed, Effect.sync(() => socket.resume()))
  fork(session, "wake", Effect.uninterruptible(resumed))
}

/** Registers the socket wherever something may end it. None of these calls back before it returns. */
const register = (session: Session, watch: SocketSessionOptions["watch"]) => {
  const { ids, leaves, shared } = session
  leaves.push(shared.holders.hold(session))
  leaves.push(shared.shedding.join(ids.size))
  leaves.push(shared.journal.join([...ids.keys()]))
  leaves.push(shared.draining.join(() => close(session, 1012, "server restart")))
  leaves.push(...watch({
    token: () => expel(session),
    // Notifies the daemon of runtimes that left their workspace with its person, without waiting for a beat.
    runtimes: (ids) => ids.forEach((id) => wake(session, Wake.topic.runtime(id)))
  }))
}

const newSession = (
  shared: Session["shared"],
  socket: WebSocket,
  { admission, ids, instance }: SocketSessionOptions
): Session => {
  const session: Session = {
    admission,
    ids,
    instance,
    serves: new Set(ids.keys()),
    replaced: () => close(session, 4001, "a newer socket serves these runtimes"),
    shared,
    socket,
    rate: { second: -1, count: 0 },
    leaves: [],
    running: new Set(),
    beating: new Set(),
    wakes: new Set(),
    waking: 0,
    proven: false,
    ended: false,
    batches: false,
    paces: false
  }
  return session
}

/**
 * Makes the function that starts the session of a daemon's open socket: it receives beats, sends acks, and claims work for each wake of
 * one of its runtimes. A session ends when the daemon disconnects or stops answering pings (`Pings`), its token ends, newer sockets
 * replace it, or its turn comes in the drain. The beat interval is no reason to end it. The socket's own events drive the session, so at
 * rest it has no fiber; a beat and a wake have one each while it is handled.
 */
export const makeSocketSessions = Effect.map(
  makeShared,
  (shared) => (socket: WebSocket, options: SocketSessionOptions) => {
    const session = newSession(shared, socket, options)
    socket.on("message", (data, isBinary) => receive(session, data, isBinary))
    socket.on("close", () => end(session))
    register(session, options.watch)
    shared.pings.join(socket, () => prove(session))
    subscribe(session)
  }
)
