import { type Masks, TaskEvent } from "@muster/domain"
import { bytesPassed, Conditions, supervised } from "@muster/kit"
import { Clock, Deferred, Duration, Effect, Latch, Ref, Schedule, Schema, type Scope, Semaphore } from "effect"
import type { AgentEvent } from "../agent/AgentDriver.ts"
import { ServerReach } from "../client/ServerReach.ts"
import { type HeldTask, TaskServer } from "../client/TaskServer.ts"
import { deliverReport } from "../request/SendReport.ts"
import type { AttemptFiles } from "./AttemptStore.ts"
import { EventShaper } from "./EventShaper.ts"

/** How long chunks of text are gathered before they are logged, in ms. */
const gatherFor = 250

/** The least time between two appends of one task, in ms. */
const appendEvery = 50

/** Bytes of one append. */
const maxAppend = TaskEvent.maxAppendBytes - 16 * 1024

/** How many bytes of garbage a byte of the log leaves: as read, as lines, as events, and as the body of a call. */
const garbageOf = 4

/** What ended the sending of a log. */
type LogEnd =
  /** The server has all of it. */
  | "complete"
  /** The claim is over. */
  | "superseded"
  /** The task has ended. */
  | "closed"

/** The log of one attempt: events are written to the disk, then sent until the server has them. */
export interface AttemptLog {
  readonly push: (event: AgentEvent) => Effect.Effect<void>
  /** An event of the daemon itself. */
  readonly add: (body: TaskEvent.Body) => Effect.Effect<void>
  /** Ends all streams: nothing is added afterwards. */
  readonly end: Effect.Effect<void>
  /** Waits until the server has everything that was added before `end`, or wants nothing of it. */
  readonly sent: Effect.Effect<LogEnd>
}

const encodeLine = Schema.encodeSync(Schema.fromJsonString(TaskEvent.Sent))
const decodeLine = Schema.decodeUnknownOption(Schema.fromJsonString(TaskEvent.Sent))

/** Where the sending stands: the byte position in the file of the event that is sent next. */
interface Position {
  readonly seq: number
  readonly byte: number
}

const start: Position = { seq: 1, byte: 0 }

/** The part of a log that one append sends: whole lines. */
interface Part {
  readonly events: ReadonlyArray<TaskEvent.Sent>
  readonly next: Position
}

/** Reads whole events from a position. A line that cannot be read is skipped as an event without content. */
const readPart = Effect.fnUntraced(function*(files: AttemptFiles, from: Position) {
  const read = yield* files.readLog(from.byte, maxAppend)
  const bytes = Buffer.from(read.buffer, read.byteOffset, read.length)
  bytesPassed(garbageOf * bytes.length)
  const events: Array<TaskEvent.Sent> = []
  let byte = from.byte
  let seq = from.seq
  for (let at = 0; events.length < TaskEvent.maxAppendEvents;) {
    const end = bytes.indexOf(0x0a, at)
    if (end < 0) break
    const event = decodeLine(bytes.toString("utf8", at, end))
    events.push(
      event._tag === "Some"
        ? { ...event.value, seq }
        : { seq, at: 0, body: { kind: "notice", text: "an event of this log could not be read on the machine" } }
    )
    byte += end + 1 - at
    at = end + 1
    seq++
  }
  return { events, next: { seq, byte } } satisfies Part
})

/** The position of an event in the file. */
const seek = (files: AttemptFiles, wanted: number): Effect.Effect<Position, { readonly reason: string }> =>
  Effect.gen(function*() {
    let position = start
    while (position.seq < wanted) {
      const { events, next } = yield* readPart(files, position)
      if (events.length === 0) return position
      if (next.seq <= wanted) position = next
      else {
        const before = events.slice(0, wanted - position.seq)
        const bytes = before.reduce((sum, event) => sum + Buffer.byteLength(encodeLine(event)) + 1, 0)
        return { seq: wanted, byte: position.byte + bytes }
      }
    }
    return position
  })

const makeDependencies = Effect.gen(function*() {
  return {
    server: yield* TaskServer,
    reach: yield* ServerReach,
    conditions: yield* Conditions
  }
})

type Dependencies = Effect.Success<typeof makeDependencies> & {
  readonly task: HeldTask
  readonly files: AttemptFiles
  /** How many events the file holds. */
  readonly written: Ref.Ref<number>
  /** Open while there may be something to send. */
  readonly more: Latch.Latch
  readonly ended: Deferred.Deferred<void>
}

const waiting = ({ conditions, task }: Dependencies) => (error: { readonly message: string }) =>
  conditions.begin(`task-log:${task.id}`, `cannot send the log of task ${task.id}, retrying: ${error.message}`)

/** Appends a part, retried until the server answers; a part that it refuses for good is skipped. */
const append = (deps: Dependencies, events: ReadonlyArray<TaskEvent.Sent>) =>
  deps.server.append(deps.task, events).pipe(
    deliverReport({ returned: deps.reach.returned, onRetry: waiting(deps) }),
    Effect.tap(() => deps.conditions.end(`task-log:${deps.task.id}`, `the log of task ${deps.task.id} is sent again`)),
    Effect.catch((error) =>
      Effect.as(
        Effect.logWarning(`events of task ${deps.task.id} were refused and are lost: ${error.message}`),
        undefined
      )
    )
  )

/** Sends from a position until the file's end. Returns where it stands, or why there is nothing more to do. */
const sendFrom = Effect.fnUntraced(function*(deps: Dependencies, from: Position) {
  let position = from
  for (;;) {
    const { events, next } = yield* readPart(deps.files, position)
    if (events.length === 0) return position
    const reply = yield* append(deps, events)
    if (reply?.status === "superseded" || reply?.status === "closed") return reply.status
    if (reply?.status === "gap") position = yield* seek(deps.files, reply.next)
    else position = next
    yield* Effect.sleep(Duration.millis(appendEvery))
  }
})

/** Sends what is written, as it is written, until the log has ended and all of it is sent. */
const send = Effect.fnUntraced(function*(deps: Dependencies): Effect.fn.Return<LogEnd, { readonly reason: string }> {
  const reply = yield* append(deps, [])
  if (reply?.status === "superseded" || reply?.status === "closed") return reply.status
  let position: Position = yield* seek(deps.files, reply?.next ?? 1)
  for (;;) {
    yield* deps.more.await
    yield* deps.more.close
    const over = yield* Deferred.isDone(deps.ended)
    const sent = yield* sendFrom(deps, position)
    if (typeof sent === "string") return sent
    position = sent
    if (over) return "complete"
  }
})

/** The sending of a log; a disk that cannot be read is tried again. */
const sending = Effect.fnUntraced(function*(deps: Dependencies) {
  const result = yield* Deferred.make<LogEnd>()
  const loop = send(deps).pipe(
    Effect.tapError(({ reason }) =>
      deps.conditions.begin(`task-log:${deps.task.id}`, `cannot read the log of task ${deps.task.id}: ${reason}`)
    ),
    Effect.retry(Schedule.spaced("10 seconds")),
    Effect.orDie,
    Effect.flatMap((end) => Deferred.succeed(result, end)),
    Effect.andThen(Effect.never)
  )
  yield* Effect.forkScoped(supervised(`log of task ${deps.task.id}`, loop))
  return Deferred.await(result)
})

/** Writes events to the file, in the order of the calls. */
const writer = (deps: Dependencies) => {
  const write = Effect.fnUntraced(function*(bodies: ReadonlyArray<TaskEvent.Body>) {
    if (bodies.length === 0) return
    const at = yield* Clock.currentTimeMillis
    const first = yield* Ref.get(deps.written)
    const lines = bodies.map((body, index) => `${encodeLine({ seq: first + index + 1, at, body })}\n`).join("")
    const kept = yield* Effect.result(deps.files.appendLog(lines))
    if (kept._tag === "Failure") {
      return yield* deps.conditions.begin(
        "task-log:disk",
        `events of tasks are lost: cannot write the log of task ${deps.task.id} (${kept.failure.reason})`
      )
    }
    yield* Ref.set(deps.written, first + bodies.length)
    yield* deps.more.open
  })
  return write
}

/** Sends the log of an attempt of an earlier process. */
export const resendLog = Effect.fnUntraced(function*(task: HeldTask, files: AttemptFiles) {
  const deps: Dependencies = {
    ...(yield* makeDependencies),
    task,
    files,
    written: yield* Ref.make(0),
    more: yield* Latch.make(true),
    ended: Deferred.makeUnsafe()
  }
  yield* Deferred.succeed(deps.ended, undefined)
  return yield* sending(deps)
})

/** Opens the log of an attempt for the scope, in which it is sent. */
export const openLog = Effect.fnUntraced(function*(
  task: HeldTask,
  files: AttemptFiles,
  masks: Masks.Masks
): Effect.fn.Return<AttemptLog, never, TaskServer | ServerReach | Conditions | Scope.Scope> {
  const deps: Dependencies = {
    ...(yield* makeDependencies),
    task,
    files,
    written: yield* Ref.make(0),
    more: yield* Latch.make(false),
    ended: Deferred.makeUnsafe()
  }
  const shaper = new EventShaper(masks)
  const turn = yield* Semaphore.make(1)
  const write = writer(deps)
  /** One at a time: the shaper's order is the file's. */
  const through = (step: () => ReadonlyArray<TaskEvent.Body>) => turn.withPermit(Effect.suspend(() => write(step())))
  const sent = yield* sending(deps)
  yield* Effect.forkScoped(
    Effect.forever(Effect.andThen(Effect.sleep(Duration.millis(gatherFor)), through(() => shaper.gather())))
  )
  return {
    push: (event) => through(() => shaper.push(event)),
    add: (body) => through(() => shaper.add(body)),
    end: through(() => shaper.end()).pipe(
      Effect.andThen(Deferred.succeed(deps.ended, undefined)),
      Effect.andThen(deps.more.open)
    ),
    sent
  }
})
