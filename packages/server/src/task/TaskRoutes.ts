import { Api, Identity, Permission, Security, Task, TaskLog, TaskQueue, Uuid, WireError } from "@muster/domain"
import { Duration, Effect } from "effect"
import type { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { MemberWatch } from "../access/MemberWatch.ts"
import { TokenWatch } from "../access/TokenWatch.ts"
import { jsonBody } from "../http/jsonBody.ts"
import { runtimeIdFrom } from "../runtime/RuntimeAccess.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"
import { makeRuntimeView } from "../runtime/RuntimeView.ts"
import { makeTaskExplainer } from "./TaskExplainer.ts"
import { readTask } from "./TaskInput.ts"
import { TaskService } from "./TaskService.ts"
import { makeTaskStream } from "./TaskStream.ts"
import { makeTaskView, unloadable } from "./TaskView.ts"

/** How many tasks a page of the list has if the call does not say, and how many events a page of the log. */
const pageSizes = { tasks: 50, events: 500 }

/** Returns a whole number of a query or header, from `min` to `max`. */
const numberFrom = (
  name: string,
  text: string | undefined,
  { absent, max, min }: { readonly absent: number; readonly min: number; readonly max: number }
) => {
  if (text === undefined) return Effect.succeed(absent)
  const value = text.trim() === "" ? NaN : Number(text)
  return Number.isInteger(value) && value >= min && value <= max
    ? Effect.succeed(value)
    : Effect.fail(WireError.bad(`${name} must be a whole number from ${min} to ${max}`))
}

const offsetFrom = (name: string, text: string | undefined) =>
  numberFrom(name, text, { absent: 0, min: 0, max: 2 ** 31 - 1 })

const waitFrom = (text: string | undefined) => {
  const seconds = text === undefined ? 0 : Number(text)
  return Number.isFinite(seconds) && seconds >= 0
    ? Effect.succeed(Duration.seconds(Math.min(seconds, Api.maxWait)))
    : Effect.fail(WireError.invalid("wait"))
}

const isStatus = (text: string): text is Task.Status => (Task.allStatuses as ReadonlyArray<string>).includes(text)

const statusesFrom = (text: string) => {
  const statuses = text.split(",").map((word) => word.trim())
  return statuses.every(isStatus)
    ? Effect.succeed(statuses)
    : Effect.fail(WireError.bad(`status must be a list of ${Task.allStatuses.join(", ")}`))
}

const personFrom = (text: string, me: Identity.UserId) => {
  const id = text === "me" ? me : Uuid.parse(text)
  return id === undefined
    ? Effect.fail(WireError.bad("by must be `me` or the id of a person"))
    : Effect.succeed(Identity.UserId.make(id))
}

interface ListQuery {
  readonly runtime_id?: string
  readonly status?: string
  readonly by?: string
}

const filterFrom = Effect.fnUntraced(function*({ by, runtime_id, status }: ListQuery, me: Identity.UserId) {
  const filter: TaskQueue.TaskFilter = {
    ...(runtime_id !== undefined && { runtimeId: yield* runtimeIdFrom(runtime_id) }),
    ...(status !== undefined && { statuses: yield* statusesFrom(status) }),
    ...(by !== undefined && { by: yield* personFrom(by, me) })
  }
  return filter
})

const cursorPattern = /^(\d{1,15})_([0-9a-f-]{36})$/

const cursorFrom = (text: string | undefined) => {
  if (text === undefined) return Effect.succeed(null)
  const [, at, id] = cursorPattern.exec(text) ?? []
  return at === undefined || id === undefined || Uuid.parse(id) === undefined
    ? Effect.fail(WireError.bad("after must be the `next` of the page before"))
    : Effect.succeed({ createdAt: Number(at), id: Task.TaskId.make(id) })
}

const cursorOf = ({ createdAt, id }: Task.Task) => `${createdAt}_${id}`

const keyFrom = (text: string | undefined) => {
  const key = text?.trim()
  if (key === undefined) return Effect.succeed(null)
  return key === "" ? Effect.fail(WireError.bad("idempotency-key must not be empty")) : Effect.succeed(key)
}

/** Returns the runtime of a new task, which must be in the workspace of the call. */
const makeTaskRuntime = Effect.map(makeRuntimeView, (view) =>
  Effect.fnUntraced(function*(text: string) {
    const { workspace } = yield* Security.CurrentWorkspace
    const seen = yield* view(text)
    return seen.runtime.workspaceId === workspace.id ? seen : yield* WireError.runtimeNotFound()
  }))

/** Returns a function that fails unless the caller may cancel a task. */
const makeMayCancel = Effect.map(RuntimeDirectory, (directory) =>
  Effect.fnUntraced(function*(task: Task.Task) {
    const { role } = yield* Security.CurrentWorkspace
    const { userId } = yield* Security.Caller
    const isCreator = task.by === userId
    if (Permission.mayCancelTask({ isCreator, isOwner: false, role })) return userId
    const found = yield* Effect.mapError(directory.findNow(task.runtimeId), (cause) =>
      WireError.fault("failed to load runtime", cause))
    const isOwner = found._tag === "Found" && found.runtime.ownerId === userId
    if (Permission.mayCancelTask({ isCreator, isOwner, role })) {
      return userId
    }
    return yield* WireError.forbidden(
      "insufficient permissions: only the person who created this task, the owner of its runtime, and owners and " +
        "admins of the workspace can cancel it"
    )
  }))

/** Returns the handlers that read tasks. */
const makeReads = Effect.gen(function*() {
  const queue = yield* TaskQueue.TaskQueue
  const log = yield* TaskLog.TaskLog
  const service = yield* TaskService
  const view = yield* makeTaskView
  const explain = yield* makeTaskExplainer
  const tokens = yield* TokenWatch
  const members = yield* MemberWatch

  const awaitEnd = Effect.fnUntraced(function*(task: Task.Task, wait: Duration.Duration) {
    const { tokenHash, userId } = yield* Security.Caller
    if (Duration.isZero(wait)) return task
    return yield* Effect.raceAllFirst([
      service.awaitEnd(task, wait),
      Effect.andThen(tokens.end(tokenHash), Effect.fail(WireError.invalidToken())),
      Effect.andThen(
        members.end({ userId, workspaceId: task.workspaceId }),
        Effect.fail(WireError.absent("task"))
      )
    ])
  })

  return {
    list: Effect.fnUntraced(function*({ query }: { readonly query: ListQuery & ListPage }) {
      const { workspace } = yield* Security.CurrentWorkspace
      const { userId } = yield* Security.Caller
      const limit = yield* numberFrom("limit", query.limit, { absent: pageSizes.tasks, min: 1, max: Api.maxTasks })
      const filter = yield* filterFrom(query, userId)
      const tasks = yield* queue.list(workspace.id, filter, yield* cursorFrom(query.after), limit).pipe(
        Effect.mapError((cause) => WireError.refusedOrFault("failed to list tasks", cause))
      )
      const next = tasks.length === limit ? cursorOf(tasks[limit - 1]!) : null
      return { tasks: yield* view.records(workspace.id, tasks), next }
    }),

    one: Effect.fnUntraced(function*({ params, query }: OfTask & { readonly query: { readonly wait?: string } }) {
      const wait = yield* waitFrom(query.wait)
      return yield* view.record(yield* awaitEnd(yield* view.find(params.taskId), wait))
    }),

    explain: Effect.fnUntraced(function*({ params }: OfTask) {
      const task = yield* view.find(params.taskId)
      const [record, explanation] = yield* Effect.all([view.record(task), explain(task)], { concurrency: 2 })
      return { task: record, ...explanation }
    }),

    events: Effect.fnUntraced(function*({ params, query }: OfTask & { readonly query: ListPage }) {
      const after = yield* offsetFrom("after", query.after)
      const limit = yield* numberFrom("limit", query.limit, { absent: pageSizes.events, min: 1, max: Api.maxEvents })
      const { id } = yield* view.find(params.taskId)
      return yield* Effect.mapError(log.read(id, after, limit), unloadable)
    })
  }
})

interface OfTask {
  readonly params: { readonly taskId: string }
}
interface ListPage {
  readonly after?: string
  readonly limit?: string
}
interface Created {
  readonly headers: { readonly [Api.idempotencyHeader]?: string }
  readonly request: HttpServerRequest.HttpServerRequest
}
interface Streamed extends OfTask {
  readonly query: { readonly after?: string }
  readonly headers: { readonly "last-event-id"?: string }
  readonly request: HttpServerRequest.HttpServerRequest
}

/** The routes of people for tasks. */
export const layerTaskRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "tasks",
  Effect.fn(function*(handlers) {
    const service = yield* TaskService
    const view = yield* makeTaskView
    const runtimeOf = yield* makeTaskRuntime
    const mayCancel = yield* makeMayCancel
    const stream = yield* makeTaskStream

    const create = Effect.fnUntraced(function*({ headers, request }: Created) {
      const idempotencyKey = yield* keyFrom(headers[Api.idempotencyHeader])
      const input = yield* readTask(yield* jsonBody(request))
      const seen = yield* runtimeOf(input.runtimeId)
      return yield* view.record(yield* service.create(seen, input, idempotencyKey))
    })

    const follow = Effect.fnUntraced(function*({ headers, params, query, request }: Streamed) {
      const lastId = headers["last-event-id"]
      const from = yield* (lastId === undefined
        ? offsetFrom("after", query.after)
        : offsetFrom("Last-Event-ID", lastId))
      return yield* stream(params.taskId, from, request)
    })

    return handlers.handleRaw("create", create).handleRaw("stream", follow).handleAll({
      ...(yield* makeReads),

      cancel: Effect.fnUntraced(function*({ params }) {
        const task = yield* view.find(params.taskId)
        return yield* view.record(yield* service.cancel(task, yield* mayCancel(task)))
      }),

      retry: Effect.fnUntraced(function*({ params }) {
        const task = yield* view.find(params.taskId)
        return yield* view.record(yield* service.retry(yield* runtimeOf(task.runtimeId), task))
      })
    })
  })
)
