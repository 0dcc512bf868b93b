import { type Identity, Task, TaskQueue, Uuid, WireError } from "@muster/domain"
import { Duration, Effect, Option } from "effect"
import { makeMemo } from "../memo/Memo.ts"
import { RuntimeAccess } from "../runtime/RuntimeAccess.ts"

/** The runtime of a task changes only when it is merged into another one: then the remembered one is gone. */
const maxAge = Duration.minutes(10)

const unloadable = (cause: unknown) => WireError.fault("failed to load task", cause)

/** Returns the id of a task in a path, or fails with the protocol's error. */
const taskIdFrom = (text: string) => {
  const id = Uuid.parse(text)
  return id === undefined ? Effect.fail(WireError.invalid("task_id")) : Effect.succeed(Task.TaskId.make(id))
}

/**
 * Returns what decides which tasks a credential acts for as their daemon: those of its runtimes. Fails with `task not found`
 * for one that does not exist, or whose runtime is gone, and with `not found` for one of another daemon.
 */
export const makeTaskAccess = Effect.gen(function*() {
  const queue = yield* TaskQueue.TaskQueue
  const runtimes = yield* RuntimeAccess
  const owners = yield* makeMemo({
    lookup: (id: Task.TaskId) =>
      Effect.map(queue.find(id), Option.map(({ runtimeId, workspaceId }) => ({ runtimeId, workspaceId }))),
    keep: Option.isSome,
    maxAge
  })

  const runtimeOf = Effect.fnUntraced(function*(caller: Identity.Credential, id: Task.TaskId) {
    const owner = yield* Effect.mapError(owners.get(id), unloadable)
    return Option.isSome(owner)
      ? yield* runtimes.runtime(caller, owner.value.runtimeId)
      : yield* WireError.absent("task")
  })
  const isGone = (error: Effect.Error<ReturnType<typeof runtimeOf>>) => error.code === "runtime_not_found"

  return Effect.fnUntraced(function*(caller: Identity.Credential, text: string) {
    const id = yield* taskIdFrom(text)
    const isRemembered = owners.peek(id) !== undefined
    const again = isRemembered ? Effect.andThen(owners.forget(id), runtimeOf(caller, id)) : WireError.absent("task")
    const runtime = yield* runtimeOf(caller, id).pipe(
      Effect.catchIf(isGone, () => again),
      Effect.catchIf(isGone, () => WireError.absent("task"))
    )
    return { id, runtime }
  })
})
