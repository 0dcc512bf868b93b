import { Access, ExplainTask, type Runtime, RuntimeRegistry, type Task, TaskQueue } from "@muster/domain"
import { Clock, Effect, Option } from "effect"
import { FleetEntries } from "../fleet/FleetEntries.ts"
import { Drains } from "../machine/Drains.ts"

/** How long each store may take to contribute to an explanation. Without its answer the explanation has less detail. */
const storeTimeout = "2 seconds"

/** How many active tasks are read. */
const maxActive = 50

/** Returns a store's answer; none if it fails or does not answer in time. */
const withinTimeout = <A, E>(effect: Effect.Effect<A, E>) =>
  effect.pipe(Effect.timeoutOption(storeTimeout), Effect.orElseSucceed(() => Option.none<A>()))

/** Returns a function that collects what is known about a task and explains it. */
export const makeTaskExplainer = Effect.gen(function*() {
  const access = yield* Access.Access
  const drains = yield* Drains
  const fleet = yield* FleetEntries
  const queue = yield* TaskQueue.TaskQueue
  const registry = yield* RuntimeRegistry.RuntimeRegistry

  const runtimeOf = Effect.fnUntraced(function*({ runtimeId }: Task.Task) {
    const found = yield* withinTimeout(registry.find(runtimeId))
    if (Option.isNone(found)) return { _tag: "Unknown" } as const
    if (found.value._tag === "Gone") return { _tag: "Gone" } as const
    const { lastSeenAt, name, status } = found.value.runtime
    return { _tag: "Found", name, status, lastSeenAt, isDraining: yield* drains.holds(runtimeId) } as const
  })

  /** The runtimes of the task's machine in its workspace; without them, the task's own. */
  const siblingsOf = ({ runtimeId, workspaceId }: Task.Task) =>
    Effect.map(withinTimeout(fleet.of(workspaceId)), (entries): ReadonlyArray<Runtime.RuntimeId> => {
      const runtimes = Option.getOrElse(entries, () => []).map(({ runtime }) => runtime)
      const daemonId = runtimes.find(({ id }) => id === runtimeId)?.daemonId ?? null
      return daemonId === null
        ? [runtimeId]
        : runtimes.filter((runtime) => runtime.daemonId === daemonId).map(({ id }) => id)
    })

  const activeOf = Effect.fnUntraced(function*(task: Task.Task) {
    if (task.state._tag !== "Queued") return { active: null, keyHolder: null }
    const runtimeIds = yield* siblingsOf(task)
    const keys = task.key === null ? [] : [task.key]
    const found = yield* withinTimeout(queue.active({ runtimeIds, keys }, maxActive))
    if (Option.isNone(found)) return { active: null, keyHolder: null }
    const others = found.value.filter(({ id }) => id !== task.id)
    return {
      active: others.filter(({ runtimeId }) => runtimeIds.includes(runtimeId)),
      keyHolder: others.find(({ key }) => task.key !== null && key === task.key) ?? null
    }
  })

  const cancelledBy = ({ cancel }: Task.Task) =>
    cancel?.by == null
      ? Effect.succeed(null)
      : Effect.map(
        withinTimeout(access.user(cancel.by)),
        (user) => Option.getOrNull(Option.map(Option.flatten(user), ({ name }) => name))
      )

  return Effect.fnUntraced(function*(task: Task.Task) {
    const [runtime, others, person] = yield* Effect.all(
      [runtimeOf(task), activeOf(task), cancelledBy(task)],
      { concurrency: "unbounded" }
    )
    const now = yield* Clock.currentTimeMillis
    return ExplainTask.explainTask({ now, task, runtime, ...others, cancelledBy: person })
  })
})
