import { Api, Quantity, type Runtime, Task } from "@muster/domain"
import { Clock, Console, Effect, Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { findNamed } from "../api/findNamed.ts"
import { openSession, type Session } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { style } from "../output/Style.ts"
import { printTable } from "../output/Table.ts"
import { ago, jsonText, printable } from "../output/Text.ts"
import { findRuntime } from "../runtime/FindRuntime.ts"
import { followTask } from "./FollowTask.ts"
import { afterStream, taskFailure } from "./TaskFailure.ts"
import { TaskView } from "./TaskView.ts"

interface Input {
  readonly workspace: Option.Option<string>
  readonly json: boolean
}

interface OfTask extends Input {
  readonly task: string
}

const encode = Schema.encodeSync(Api.TaskRecord)
const encodeEvent = Schema.encodeSync(Api.TaskStreamItem)
const encodeExplanation = Schema.encodeSync(Api.TaskExplanation)

/** How many of the last tasks the first characters of an id are looked for in. */
const searched = 200

const isId = Schema.is(Task.TaskId)

/** Finds a task by its id, or by the first characters of one of the last 200. */
const openTask = Effect.fnUntraced(function*({ task: asked, workspace }: OfTask) {
  const session = yield* openSession(workspace)
  const { connection, muster } = session
  const text = asked.trim().toLowerCase()
  if (isId(text)) {
    const task = yield* muster.tasks.one({ params: { taskId: text }, query: {} }).pipe(call(connection))
    return { session, task }
  }
  const { tasks } = yield* muster.tasks.list({ query: { limit: `${searched}` } }).pipe(call(connection))
  const found = yield* findNamed(
    { word: "task", list: "muster tasks" },
    tasks.map((task) => ({ id: task.id as string, name: firstLine(task.prompt), task })),
    asked
  )
  return { session, task: found.task }
})

const firstLine = (prompt: string) => printable(prompt.trim().split("\n")[0] ?? "")

const shownStatus = ({ confirmed, status }: Api.TaskRecord) =>
  status === "cancelled" && confirmed === false ? "canceled, unconfirmed" : status === "cancelled" ? "canceled" : status

export interface ListInput extends Input {
  readonly runtime: Option.Option<string>
  readonly status: Option.Option<string>
  readonly mine: boolean
}

/** The id of the runtime that a filter names. */
const runtimeId = Effect.fnUntraced(function*({ connection, muster }: Session, asked: Option.Option<string>) {
  if (Option.isNone(asked)) return undefined
  const runtimes = yield* muster.runtimes.list({ query: {} }).pipe(call(connection))
  return (yield* findRuntime(runtimes, asked.value)).id as Runtime.RuntimeId
})

/** `muster tasks`: lists the last tasks of the workspace, newest first. */
export const listTasks = Effect.fn("listTasks")(function*(input: ListInput) {
  const session = yield* openSession(input.workspace)
  const runtime = yield* runtimeId(session, input.runtime)
  const { next, tasks } = yield* session.muster.tasks.list({
    query: {
      ...(runtime !== undefined && { runtime_id: runtime }),
      ...(Option.isSome(input.status) && { status: input.status.value }),
      ...(input.mine && { by: "me" })
    }
  }).pipe(call(session.connection))
  if (input.json) return yield* Console.log(jsonText({ tasks: tasks.map((task) => encode(task)), next }))
  if (tasks.length === 0) {
    return yield* Console.error(
      "There are no such tasks.\nnext:  give an agent work: muster run RUNTIME \"what is to be done\""
    )
  }
  const now = yield* Clock.currentTimeMillis
  yield* printTable(
    ["ID", "STATUS", "RUNTIME", "CREATED", "PROMPT"],
    tasks.map((task) => [
      task.id.slice(0, 8),
      shownStatus(task),
      printable(task.runtimeName ?? "gone"),
      ago(task.createdAt, now),
      firstLine(task.prompt)
    ])
  )
  if (next !== null) yield* Console.error(`note:  older tasks are not shown`)
}, Effect.provide(FetchHttpClient.layer))

const tokens = ({ usage }: Api.TaskRecord) =>
  usage.length === 0
    ? "–"
    : usage.map(({ inputTokens, meaning, model, outputTokens }) =>
      `${Quantity.compact(inputTokens)} in, ${Quantity.compact(outputTokens)} out${
        model === "" ? "" : ` (${printable(model)})`
      }${meaning === "call" ? ", of the last call" : meaning === "session" ? ", of the whole session" : ""}`
    ).join("; ")

/** `muster tasks show`: prints one task. */
export const showTask = Effect.fn("showTask")(function*(input: OfTask) {
  const { session: { connection, muster }, task: { id: taskId } } = yield* openTask(input)
  const explanation = yield* muster.tasks.explain({ params: { taskId } }).pipe(call(connection))
  if (input.json) return yield* Console.log(jsonText(encodeExplanation(explanation)))
  const { task, text } = explanation
  const now = yield* Clock.currentTimeMillis
  const took = task.startedAt === null ? "–" : Quantity.duration((task.endedAt ?? now) - task.startedAt)
  yield* printTable(["FIELD", "VALUE"], [
    ["id", task.id],
    ["status", shownStatus(task)],
    ["runtime", printable(task.runtimeName ?? "gone")],
    ["created", ago(task.createdAt, now)],
    ["took", took],
    ["attempts", `${task.attempts.length}`],
    ["folder", printable(task.folder ?? "its own")],
    ["model", printable(task.model ?? "the CLI's default")],
    ["policy", task.policy],
    ["tokens", tokens(task)]
  ])
  yield* Console.log(`\n${printable(text)}`)
  if (task.text !== null && task.text !== "") yield* Console.log(`\n${task.text.split("\n").map(printable).join("\n")}`)
}, Effect.provide(FetchHttpClient.layer))

/** `muster tasks log`: prints the log of a task; `follow`: until it has ended. */
export const taskLog = Effect.fn("taskLog")(function*({ follow, ...input }: OfTask & { readonly follow: boolean }) {
  const { session, task } = yield* openTask(input)
  if (follow) {
    const ended = yield* followTask(session, task.id, input.json)
    const failure = ended === undefined ? undefined : taskFailure(ended)
    if (failure !== undefined) return yield* input.json ? afterStream(failure) : failure
    return
  }
  const view = new TaskView(yield* style)
  let out = ""
  for (let after = 0;;) {
    const { events, last } = yield* session.muster.tasks.events({
      params: { taskId: task.id },
      query: { after: `${after}`, limit: "1000" }
    }).pipe(call(session.connection))
    for (const event of events) {
      const item = { type: "event", event } as const
      if (input.json) yield* Console.log(JSON.stringify(encodeEvent(item)))
      else out += view.show(item).out
      after = event.offset
    }
    if (events.length === 0 || after >= last) break
  }
  if (!input.json) yield* Console.log(`${out}${view.show({ type: "end", task }).out}`.trimEnd())
}, Effect.provide(FetchHttpClient.layer))

/** `muster tasks cancel`: cancels a task. */
export const cancelTask = Effect.fn("cancelTask")(function*(input: OfTask) {
  const { session: { connection, muster }, task: { id: taskId } } = yield* openTask(input)
  const task = yield* muster.tasks.cancel({ params: { taskId } }).pipe(call(connection))
  if (input.json) return yield* Console.log(jsonText(encode(task)))
  yield* Console.log(
    task.status === "cancelling"
      ? `Canceling ${taskId.slice(0, 8)}: its daemon ends what runs of it`
      : `Task ${taskId.slice(0, 8)} is ${shownStatus(task)}`
  )
}, Effect.provide(FetchHttpClient.layer))

/** `muster tasks retry`: makes a new task that asks for the same. */
export const retryTask = Effect.fn("retryTask")(function*(input: OfTask) {
  const { session: { connection, muster }, task: { id: taskId } } = yield* openTask(input)
  const task = yield* muster.tasks.retry({ params: { taskId } }).pipe(
    call(connection),
    Effect.mapError((failure) =>
      failure.code === "conflict"
        ? new Failure({
          class: failure.class,
          code: failure.code,
          sentence: failure.sentence,
          next: `cancel it first: muster tasks cancel ${taskId.slice(0, 8)}`
        })
        : failure
    )
  )
  if (input.json) return yield* Console.log(jsonText(encode(task)))
  yield* Console.log(`Task ${task.id} asks for the same\nnext:  follow it: muster tasks log -f ${task.id.slice(0, 8)}`)
}, Effect.provide(FetchHttpClient.layer))

/** `muster explain` of a task: why it is where it is, in one or two sentences. */
export const explainTask = Effect.fn("explainTask")(function*(input: OfTask) {
  const { session: { connection, muster }, task: { id: taskId } } = yield* openTask(input)
  const explanation = yield* muster.tasks.explain({ params: { taskId } }).pipe(call(connection))
  yield* Console.log(input.json ? jsonText(encodeExplanation(explanation)) : printable(explanation.text))
}, Effect.provide(FetchHttpClient.layer))
