import { Api, type Task } from "@muster/domain"
import { Clock, Console, Effect, Ref, Schedule, Schema, Stream } from "effect"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Stdio from "effect/Stdio"
import { call } from "../api/Call.ts"
import type { Session } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { style } from "../output/Style.ts"
import { TaskView } from "./TaskView.ts"

/** How long the server may be away before a follower gives up: the task goes on. */
const awayFor = "10 minutes"

/** Between two attempts to connect again. */
const reconnects = Schedule.max([
  Schedule.min([Schedule.exponential("250 millis"), Schedule.spaced("5 seconds")]),
  Schedule.during(awayFor)
])

const isOver = (item: Api.TaskStreamItem) => item.type === "end"

/** The items of one connection, from an offset on. */
const connect = ({ connection, muster }: Session, taskId: Task.TaskId, after: number) =>
  muster.tasks.stream({ params: { taskId }, query: { after: `${after}` }, headers: {} }).pipe(call(connection))

class Cut extends Schema.TaggedError<Cut>()("Cut", {}) {}

/**
 * Runs `on` for each item of a task's stream, each event once, until the task has ended. Connects again after a cut, and goes
 * on where it was. Fails when the server is away for 10 minutes.
 */
const eachItem = Effect.fnUntraced(function*(
  session: Session,
  taskId: Task.TaskId,
  on: (item: Api.TaskStreamItem) => Effect.Effect<void>
) {
  const last = yield* Ref.make(0)
  const over = yield* Ref.make(false)
  const take = Effect.fnUntraced(function*(item: Api.TaskStreamItem) {
    if (item.type === "event") yield* Ref.set(last, item.event.offset)
    yield* on(item)
    if (isOver(item)) yield* Ref.set(over, true)
  })
  const once = Effect.gen(function*() {
    const items = yield* connect(session, taskId, yield* Ref.get(last))
    yield* items.pipe(Stream.takeUntil(isOver), Stream.runForEach(take), Effect.ignore)
    if (!(yield* Ref.get(over))) return yield* new Cut()
  })
  yield* once.pipe(
    Effect.retry({
      while: (error) => error._tag === "Cut" || error.class === "server",
      schedule: reconnects
    }),
    Effect.catchTag("Cut", () =>
      Effect.fail(
        new Failure({
          class: "server",
          code: "stream_cut",
          sentence: "the server cut the connection again and again; the task goes on",
          next: `follow it again: muster tasks log -f ${taskId}`
        })
      ))
  )
})

const encode = Schema.encodeSync(Api.TaskStreamItem)

const clearLine = "\r\u001B[2K"

/** Follows a task on the terminal until it has ended. Interrupting it leaves the task alone. Returns the task. */
export const followTask = Effect.fn("followTask")(function*(session: Session, taskId: Task.TaskId, json: boolean) {
  const stdio = yield* Stdio.Stdio
  const { canAnimate } = yield* TerminalCapabilities.TerminalCapabilities
  const animated = canAnimate && !json && (yield* stdio.stderrIsTerminal)
  const write = (sink: ReturnType<typeof stdio.stdout>, text: string) =>
    text === "" ? Effect.void : Effect.ignore(Stream.run(Stream.succeed(text), sink))
  const view = new TaskView(yield* style)
  const ended = yield* Ref.make<Api.TaskRecord | undefined>(undefined)
  const clear = animated ? write(stdio.stderr(), clearLine) : Effect.void
  const onItem = Effect.fnUntraced(function*(item: Api.TaskStreamItem) {
    if (json) yield* Console.log(JSON.stringify(encode(item)))
    else {
      const { out } = view.show(item)
      if (out !== "") yield* Effect.andThen(clear, write(stdio.stdout(), out))
    }
    if (item.type === "end") yield* Ref.set(ended, item.task)
  })
  const status = Effect.gen(function*() {
    yield* write(stdio.stderr(), `${clearLine}${view.statusLine(yield* Clock.currentTimeMillis)}`)
  }).pipe(Effect.schedule(Schedule.spaced("250 millis")))
  const following = eachItem(session, taskId, onItem)
  yield* (animated ? Effect.raceFirst(following, Effect.andThen(status, Effect.never)) : following).pipe(
    Effect.ensuring(clear),
    Effect.onInterrupt(() =>
      Console.error(
        `\nnote:  the task goes on; follow it: muster tasks log -f ${taskId}; cancel it: muster tasks cancel ${taskId}`
      )
    )
  )
  return yield* Ref.get(ended)
})
