import {
  type Api,
  type Identity,
  PlainText,
  type Runtime,
  Security,
  type Store,
  Task,
  TaskQueue,
  Uuid,
  WireError
} from "@muster/domain"
import { Effect, Option } from "effect"
import { FleetEntries } from "../fleet/FleetEntries.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"
import { shownKey } from "./TaskInput.ts"

/** How long the names of runtimes may delay a record, which then has none. */
const namesTimeout = "1 second"

/** What a record says of the task's runtime. */
type Named = Pick<Runtime.Runtime, "name" | "provider">

const resultOf = ({ state }: Task.Task): Task.Result | null => "result" in state ? state.result : null

/** The end of a task as its record has it. */
const endOf = ({ state }: Task.Task) => ({
  endedAt: "endedAt" in state ? state.endedAt : null,
  confirmed: state._tag === "Cancelled" ? state.confirmed : null,
  reason: state._tag === "Failed" ? state.reason : null,
  error: state._tag === "Failed" ? state.error : null
})

/** In a list, a long text has this many characters. */
const listedText = 1_000

const shortened = (record: Api.TaskRecord): Api.TaskRecord => ({
  ...record,
  prompt: PlainText.cut(record.prompt, listedText),
  error: record.error === null ? null : PlainText.cut(record.error, listedText),
  text: record.text === null ? null : PlainText.cut(record.text, listedText)
})

/** A task as people see it. `runtime` undefined: it is gone, or its name is not known. */
const recordOf = (task: Task.Task, runtime: Named | undefined): Api.TaskRecord => {
  const { by, cancel, tokenHash: _, ...known } = task
  const result = resultOf(task)
  return {
    ...known,
    runtimeName: runtime?.name ?? null,
    provider: runtime?.provider ?? null,
    status: Task.statusOf(task),
    key: shownKey(task),
    createdBy: by,
    startedAt: task.attempts.findLast(({ startedAt }) => startedAt !== null)?.startedAt ?? null,
    cancelledBy: cancel?.by ?? null,
    ...endOf(task),
    text: result?.text ?? null,
    stopReason: result?.stopReason ?? null,
    rejections: result?.rejections ?? 0,
    session: task.session?.id ?? null
  }
}

export const unloadable = (cause: Store.StoreUnavailable) => WireError.refusedOrFault("failed to load task", cause)

const idFrom = (text: string) => {
  const id = Uuid.parse(text)
  return id === undefined ? Effect.fail(WireError.invalid("task_id")) : Effect.succeed(Task.TaskId.make(id))
}

/** Returns how tasks are found and shown. */
export const makeTaskView = Effect.gen(function*() {
  const queue = yield* TaskQueue.TaskQueue
  const directory = yield* RuntimeDirectory
  const fleet = yield* FleetEntries

  /** The task of a path in the workspace of the call. One of another workspace is absent. */
  const find = Effect.fnUntraced(function*(text: string) {
    const { workspace } = yield* Security.CurrentWorkspace
    const found = yield* Effect.mapError(queue.find(yield* idFrom(text)), unloadable)
    const task = Option.filter(found, ({ workspaceId }) => workspaceId === workspace.id)
    return Option.isSome(task) ? task.value : yield* WireError.absent("task")
  })

  const record = (task: Task.Task): Effect.Effect<Api.TaskRecord> =>
    directory.find(task.runtimeId).pipe(
      Effect.timeoutOption(namesTimeout),
      Effect.orElseSucceed(() => Option.none()),
      Effect.map((found) =>
        recordOf(task, Option.isSome(found) && found.value._tag === "Found" ? found.value.runtime : undefined)
      )
    )

  /** The records of a list, with long texts cut. */
  const records = (workspace: Identity.WorkspaceId, tasks: ReadonlyArray<Task.Task>) =>
    fleet.of(workspace).pipe(
      Effect.timeoutOption(namesTimeout),
      Effect.orElseSucceed(() => Option.none()),
      Effect.map((entries) => {
        const names = new Map(Option.getOrElse(entries, () => []).map(({ runtime }) => [runtime.id, runtime]))
        return tasks.map((task) => shortened(recordOf(task, names.get(task.runtimeId))))
      })
    )

  return { find, record, records }
})
