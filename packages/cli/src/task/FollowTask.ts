import { Api, type Task } from "@muster/domain"
import { Clock, Console, Effect, Schedule, Schema, Stream } from "effect"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Stdio from "effect/Stdio"
import { call } from "../api/Call.ts"
import type { Session } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { style } from "../output/Style.ts"
import { outputWidth } from "../output/Table.ts"
import { TaskView } from "./TaskView.ts"

/** Between two attempts to reach a server that is away. After 10 minutes a follower gives up; the task goes on. */
const reconnects = Schedule.max([
  Schedule.min([Schedule.exponential("250 millis"), Schedule.spaced("5 seconds")]),
  Schedule.during("10 minutes")
])

/** The pause after a connection that ended, in ms: it grows while connections send nothing. */
const pauseAfter = (empty: number) => Math.min(5_000, 250 * 2 ** Math.min(empty, 5))

/** How many connections in a row may send nothing before a follower gives up, after about 10 minutes. */
const maxEmpty = 120

const isOver = (item: Api.TaskStreamItem) => item.type === "end"

/** The items of one connection, from an offset on. */
const connect = ({ connection, muster }: Session, taskId: Task.TaskId, after: number) =>
  muster.tasks.stream({ params: { taskId }, query: { after: `${after}` }, headers: {} }).pipe(
    call(connection),
    Effect.retry({ while: (failure) => failure.class === "server", schedule: reconnects })
  )

const gaveUp = (taskId: Task.TaskId, code: string, sentence: string) =>
  new Failure({
    class: "server",
    code,
    sentence,
    next: `the task goes on; follow it again: muster tasks log -f ${taskId}`
  })

/**
 * Runs `on` for each item of a task's stream, each event once, until the task has ended. Connects again after a cut, and goes
 * on where it was; the server ends each connection after 10 minutes. Fails when the server is away for 10 minutes.
 */
const eachItem = Effect.fnUntraced(function*(
  session: Session,
  taskId: Task.TaskId,
  on: (item: Api.TaskStreamItem) => Effect.Effect<void>
) {
  const seen = { last: 0, items: 0, over: false }
  const take = Effect.fnUntraced(function*(item: Api.TaskStreamItem) {
    seen.items++
    if (item.type === "event") seen.last = item.event.offset
    yield* on(item)
    seen.over = isOver(item)
  })
  for (let empty = 0; !seen.over;) {
    seen.items = 0
    const stream = yield* connect(session, taskId, seen.last)
    yield* stream.pipe(
      Stream.takeUntil(isOver),
      Stream.runForEach(take),
      Effect.catch((error) =>
        Schema.isSchemaError(error)
          ? gaveUp(taskId, "unexpected_answer", "the server sent an event that this version of muster cannot read")
          : Effect.void
      )
    )
    empty = seen.items === 0 ? empty + 1 : 0
    if (empty >= maxEmpty) return yield* gaveUp(taskId, "stream_cut", "the server ends each connection at once")
    if (!seen.over) yield* Effect.sleep(pauseAfter(empty))
  }
})

const encode = Schema.encodeSync(Api.TaskStreamItem)

const clearLine = "\r\u001B[2K"

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

/** In ms. */
const frame = 250

/** Writes to stdout and, on a terminal, a status line below it, which never replaces text of the agent. */
const makeScreen = Effect.fnUntraced(function*(view: TaskView, animated: boolean) {
  const stdio = yield* Stdio.Stdio
  const width = (yield* outputWidth) ?? 80
  let drawn = false
  const write = (sink: ReturnType<typeof stdio.stdout>, text: string) =>
    text === "" ? Effect.void : Effect.ignore(Stream.run(Stream.succeed(text), sink))
  const clear = Effect.suspend(() => {
    const text = drawn ? clearLine : ""
    drawn = false
    return write(stdio.stderr(), text)
  })
  const draw = Effect.gen(function*() {
    if (!view.isAtLineStart) return
    const now = yield* Clock.currentTimeMillis
    drawn = true
    const line = `${spinner[Math.floor(now / frame) % spinner.length]} ${view.statusLine(now)}`
    yield* write(stdio.stderr(), `${clearLine}${line.slice(0, width - 1)}`)
  }).pipe(Effect.schedule(Schedule.spaced(frame)))
  return {
    print: (out: string) => out === "" ? Effect.void : Effect.andThen(clear, write(stdio.stdout(), out)),
    beside: <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      (animated ? Effect.raceFirst(effect, Effect.andThen(draw, Effect.never)) : effect).pipe(Effect.ensuring(clear))
  }
})

/** Follows a task on the terminal until it has ended. Interrupting it leaves the task alone. Returns the task. */
export const followTask = Effect.fn("followTask")(function*(session: Session, taskId: Task.TaskId, json: boolean) {
  const { canAnimate } = yield* TerminalCapabilities.TerminalCapabilities
  const animated = canAnimate && !json && (yield* (yield* Stdio.Stdio).stderrIsTerminal)
  const view = new TaskView(yield* style)
  const { beside, print } = yield* makeScreen(view, animated)
  let ended: Api.TaskRecord | undefined
  const onItem = Effect.fnUntraced(function*(item: Api.TaskStreamItem) {
    yield* json ? Console.log(JSON.stringify(encode(item))) : print(view.show(item).out)
    if (item.type === "end") ended = item.task
  })
  yield* beside(eachItem(session, taskId, onItem)).pipe(
    Effect.onInterrupt(() =>
      Console.error(
        `\nnote:  the task goes on; follow it: muster tasks log -f ${taskId}; cancel it: muster tasks cancel ${taskId}`
      )
    )
  )
  return ended
})
