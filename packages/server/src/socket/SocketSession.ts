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
import { Clock, Context, Effect, Exit, Fiber, Option, Queue, Scope, Semaphore } from "effect"
import type { HttpServerRequest } from "effect/http"
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

/** How many wakes of one socket are handled at the same time, so that one that hangs delays no other. */
const wakeConcurrency = 8

const text = (frame: string | Uint8Array) => typeof frame === "string" ? frame : new TextDecoder().decode(frame)

export interface SocketSessionOptions {
  /** Returns the current credential: each frame and each wake checks it again, so an ended membership is refused as over HTTP. */
  readonly admission: Effect.Effect<Identity.Credential, WireError.Unauthenticated | WireError.ServerFault>
  readonly holders: Holders
  /** The id of the daemon's process; see `Instances`. */
  readonly instance: string
  /** The runtimes of each workspace that the socket's person must be a member of. */
  readonly places: ReadonlyArray<ReadonlyArray<Runtime.RuntimeId>>
  /** Returns when the daemon is known to receive frames: no wake claims work before. */
  readonly proof: Effect.Effect<void>
  /**
   * Calls `token` when the token has ended, and `place` when the person is no longer a member of the workspace of these `places`.
   * Returns what forgets each.
   */
  readonly watch: (ends: {
    readonly token: () => void
    readonly place: (at: number) => void
  }) => ReadonlyArray<() => void>
}

/** What all sockets of a server share. */
const shared = Effect.gen(function*() {
  return {
    access: yield* RuntimeAccess,
    conditions: yield* Conditions,
    directory: yield* RuntimeDirectory,
    draining: yield* Draining,
    heartbeat: yield* Heartbeat,
    journal: yield* Journal,
    metrics: yield* ServerMetrics,
    shedding: yield* LoadShedding,
    wake: yield* Wake.Wake
  }
})

/** One socket. Functions over this record, not closures: a fleet has thousands at rest. */
interface Session extends SocketSessionOptions {
  readonly shared: Effect.Success<typeof shared>
  /** Its runtimes, as the daemon spells them. */
  readonly ids: ReadonlyMap<Runtime.RuntimeId, string>
  readonly write: (frame: string | Socket.CloseEvent) => Effect.Effect<void, Socket.SocketError>
  /** Ends with the session. */
  readonly scope: Scope.Scope
  /** Of the open socket: closing it ends the session. */
  readonly open: Scope.Closeable
  readonly context: Context.Context<never>
  /** The runtimes that the socket still serves; set once. */
  held: ReadonlySet<Runtime.RuntimeId>
  /** The runtimes whose beat is under way. */
  readonly beating: Set<Runtime.RuntimeId>
  /** Whether the daemon reads batches, and fields that pace it: by its last frame. */
  batches: boolean
  paces: boolean
}

/** Runs an effect, which the session's end interrupts. */
const fork = ({ context, scope }: Session, effect: Effect.Effect<void>) => {
  Fiber.runIn(Effect.runForkWith(context)(effect), scope)
}

const send = ({ write }: Session, frame: string) => Effect.ignore(write(frame))

/** Sends the reason and closes the socket, which ends the session. */
const close = ({ open, write }: Session, code: number, reason: string) =>
  Effect.andThen(Effect.ignore(write(new Socket.CloseEvent(code, reason))), Scope.close(open, Exit.void))

const expel = (session: Session) => close(session, 1008, "the token is no longer valid")

/** Returns the ack fields for beat interval and server time, for a daemon that reads them. */
const timing = Effect.fnUntraced(function*({ instance, paces, shared }: Session, id: Runtime.RuntimeId) {
  const now = yield* Clock.currentTimeMillis
  const notice = noticeFor(shared.directory.known(id), instance, now)
  return paces ? { ...shared.shedding.fields(now), ...notice, server_time_ms: now } : notice
})

const sendWork = Effect.fnUntraced(
  function*(session: Session, runtime: Runtime.RuntimeId, id: string, work: ReadonlyArray<Request.Request>) {
    const frame = DaemonSocket.ackFrame(
      id,
      Ack.write(Kinds.all, work, session.batches),
      yield* timing(session, runtime)
    )
    if (frame.length <= DaemonSocket.maxFrameToDaemon) return yield* send(session, frame)
    yield* Effect.logWarning("work does not fit into one frame, sending it with the next beat")
    return yield* send(session, DaemonSocket.ackFrame(id, {}))
  }
)

/** Sends gone for a provably absent row only; a fault or a refused access gets no answer. */
const refuse = (session: Session, id: string, error: Denied | WireError.Unauthenticated | WireError.Conflict) => {
  if (error.name === "Conflict") return send(session, DaemonSocket.secondDaemonFrame(id))
  if (error.code === "runtime_not_found") return send(session, DaemonSocket.goneFrame(id))
  if (error.name === "Unauthenticated") return expel(session)
  return Effect.logDebug(error.error)
}

const onBeat = (session: Session, { batches, runtimeId, text: id }: DaemonSocket.DaemonFrame) => {
  const { admission, beating, instance, shared } = session
  return Effect.flatMap(
    admission,
    (credential) => shared.heartbeat.beat(credential, runtimeId, batches, "socket", instance)
  ).pipe(
    Effect.matchEffect({
      onSuccess: (work) => sendWork(session, runtimeId, id, work),
      onFailure: (error) => refuse(session, id, error)
    }),
    Effect.catchDefect((defect) =>
      shared.conditions.begin("defect:beat", `a beat failed with a defect: ${String(defect)}`, {
        level: "Error",
        lapse: "beats no longer fail with a defect"
      })
    ),
    Effect.ensuring(Effect.sync(() => beating.delete(runtimeId)))
  )
}

/** Beats run concurrently: a slow one delays no other runtime. A second beat of a runtime during its first is ignored. */
const onFrame = Effect.fnUntraced(function*(session: Session, frame: string) {
  const read = DaemonSocket.readDaemonFrame(frame)
  if (Option.isNone(read)) return
  const { batches, paces, runtimeId } = read.value
  if (!session.held.has(runtimeId) || session.beating.has(runtimeId)) return
  session.beating.add(runtimeId)
  session.batches = batches
  session.paces = paces
  yield* Effect.forkChild(onBeat(session, read.value), { startImmediately: true })
})

const receive = Effect.fnUntraced(function*(
  session: Session,
  pull: Effect.Effect<ReadonlyArray<string | Uint8Array>, Socket.SocketError>
) {
  const { ids, shared } = session
  const withinRate = makeFrameRate(ids.size)
  while (true) {
    const frames = yield* pull
    const now = yield* Clock.currentTimeMillis
    for (const frame of frames) {
      if (withinRate(now)) {
        yield* onFrame(session, text(frame))
      } else {
        shared.metrics.bounds.socket_frames()
        const reason = `more than ${framesPerSecond(ids.size)} frames in a second: send one beat per runtime each 15 s`
        return yield* close(session, 1008, reason)
      }
    }
  }
})

const collect = Effect.fnUntraced(function*(session: Session, id: Runtime.RuntimeId, text: string) {
  const { directory, heartbeat } = session.shared
  const work = yield* heartbeat.collect(id, session.batches)
  if (work.length > 0) return yield* sendWork(session, id, text, work)
  const found = yield* Effect.option(directory.findNow(id))
  if (Option.isSome(found) && found.value._tag === "Gone") yield* send(session, DaemonSocket.goneFrame(text))
})

const onWake = (session: Session, id: Runtime.RuntimeId) => {
  const { admission, held, ids, shared } = session
  if (!held.has(id)) return Effect.void
  return Effect.flatMap(admission, (credential) => shared.access.runtime(credential, id)).pipe(
    Effect.matchEffect({
      onSuccess: () => collect(session, id, ids.get(id)!),
      onFailure: (error) => refuse(session, ids.get(id)!, error)
    })
  )
}

/** The daemon asks for its tasks itself, over HTTP: this is the hint to do so. */
const onTasks = (session: Session, id: Runtime.RuntimeId) =>
  session.held.has(id) ? send(session, DaemonSocket.taskAvailableFrame(session.ids.get(id)!)) : Effect.void

/** Handles wakes, once the daemon is known to receive frames. */
const follow = Effect.fnUntraced(function*(session: Session, wakes: Queue.Dequeue<Wake.Topic>) {
  yield* session.proof
  let permits: Semaphore.Semaphore | undefined
  while (true) {
    const topic = yield* Queue.take(wakes)
    const [kind, id] = topic.split(":") as [string, Runtime.RuntimeId]
    const permit = permits ??= Semaphore.makeUnsafe(wakeConcurrency)
    yield* permit.take(1)
    const handled = kind === "tasks" ? onTasks(session, id) : onWake(session, id)
    yield* Effect.forkChild(Effect.ensuring(handled, permit.release(1)), { startImmediately: true })
  }
})

/** Watches what the socket depends on, until the scope ends. */
const watchEnds = (session: Session) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      session.watch({
        token: () => fork(session, expel(session)),
        // Notifies the daemon of runtimes that left their workspace with its person, without waiting for a beat.
        place: (at) => {
          for (const id of session.places[at] ?? []) fork(session, onWake(session, id))
        }
      })
    ),
    (forget) => Effect.sync(() => forget.forEach((one) => one()))
  )

const nothing: (context: Context.Context<never>) => Context.Context<never> = () => Context.empty()

/** A context that has nothing else, in the place of any. */
const onlyScope = (scope: Scope.Scope): (context: Context.Context<never>) => Context.Context<Scope.Scope> => {
  const context = Context.make(Scope.Scope, scope)
  return () => context
}

/**
 * The upgrade of a request, for `makeSocketSession`. Effect's socket keeps the context in which it was made, and merges it with that of
 * its reader: a map of all services, 3.5 KiB each. It needs none of them.
 */
export const upgrade = (request: HttpServerRequest.HttpServerRequest) => Effect.updateContext(request.upgrade, nothing)

const run = Effect.fnUntraced(function*(session: Session, socket: Socket.Socket) {
  const { holders, ids, instance, open, shared } = session
  const { pull } = yield* Effect.updateContext(socket.reader, onlyScope(open))
  const replaced = () => fork(session, close(session, 4001, "a newer socket serves these runtimes"))
  session.held = (yield* holders.hold(ids.keys(), instance, replaced)).ids
  yield* shared.shedding.join(ids.size)
  yield* shared.journal.join([...ids.keys()])
  const wakes = yield* shared.wake.subscribe(
    [...ids.keys()].flatMap((id) => [Wake.topic.runtime(id), Wake.topic.tasks(id)])
  )
  yield* watchEnds(session)
  yield* Effect.forkChild(follow(session, wakes), { startImmediately: true })
  yield* shared.draining.join(() => fork(session, close(session, 1012, "server restart")))
  yield* receive(session, pull)
})

const none: ReadonlySet<Runtime.RuntimeId> = new Set()

/**
 * Makes what runs one daemon's socket from the upgrade to its end: it receives beats, sends acks, and claims work for each wake of
 * one of its runtimes. A socket ends when the daemon disconnects or stops answering pings (`Pings`), its token ends, newer sockets
 * replace it, or its turn comes in the drain. The beat interval is no reason to end it. At rest it has two fibers: one waits for
 * frames, one for wakes.
 */
export const makeSocketSession = Effect.map(
  shared,
  (shared) =>
    Effect.fnUntraced(function*(
      socket: Socket.Socket,
      options: SocketSessionOptions,
      ids: ReadonlyMap<Runtime.RuntimeId, string>
    ) {
      // The request's scope, not one more: each context that is used for long becomes a map of all services.
      const scope = yield* Effect.scope
      const session: Session = {
        ...options,
        shared,
        ids,
        write: (yield* socket.writer).write,
        scope,
        open: yield* Scope.fork(scope),
        context: yield* Effect.context<never>(),
        held: none,
        beating: new Set(),
        batches: false,
        paces: false
      }
      return yield* run(session, socket)
    })
)
