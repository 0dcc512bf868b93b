import { Census, Runtime, Task } from "@muster/domain"
import { Clock, Effect, Layer } from "effect"
import type { JournalState } from "../journal/JournalState.ts"
import type { RegistryState } from "../runtime/RegistryState.ts"
import type { TaskState } from "../task/TaskState.ts"

/** The tables that are counted. */
interface Tables {
  readonly registry: RegistryState
  readonly journal: JournalState
  readonly tasks: TaskState
}

const known = new Set(Runtime.knownProviders)

const runtimesIn = (registry: RegistryState): ReadonlyArray<Census.RuntimeCount> => {
  const groups = new Map<string, Census.RuntimeCount>()
  for (const row of registry.rows) {
    const provider = known.has(row.provider) ? row.provider : "other"
    const key = `${provider} ${row.status}`
    groups.set(key, { provider, status: row.status, count: (groups.get(key)?.count ?? 0) + 1 })
  }
  return [...groups.values()]
}

const daemonsIn = (registry: RegistryState): Census.Counts["daemons"] => {
  const all = new Set<string>()
  const online = new Set<string>()
  for (const { daemonId, status } of registry.rows) {
    if (daemonId === null) continue
    all.add(daemonId)
    if (status === "online") online.add(daemonId)
  }
  return { online: online.size, offline: all.size - online.size }
}

const oldest = (moments: ReadonlyArray<number>): number | null => moments.length === 0 ? null : Math.min(...moments)

const oldestPendingIn = (journal: JournalState, now: number): number | null =>
  oldest(
    [...journal.entries].filter(({ createdAt, deliveries, end, kind }) =>
      end === null && deliveries.length === 0 && now - createdAt <= (Census.pendingLimits.get(kind) ?? 0)
    ).map(({ createdAt }) => createdAt)
  )

const tasksIn = (state: TaskState, now: number): Census.Counts["tasks"] => {
  const tasks = [...state.lanes].flatMap(({ active, queued }) => [...queued, ...active]).map(({ task }) =>
    Task.elapse(task, now)
  )
  const since = tasks.flatMap(({ state }) => state._tag === "Queued" && state.notBefore <= now ? [state.notBefore] : [])
  return {
    queued: tasks.filter(({ state }) => state._tag === "Queued").length,
    active: tasks.filter(Task.isActive).length,
    oldestQueued: oldest(since)
  }
}

/** Counts these tables in memory. */
export const CensusMemory = {
  layerOn: ({ journal, registry, tasks }: Tables): Layer.Layer<never> =>
    Layer.succeed(
      Census.Census,
      Effect.map(Clock.currentTimeMillis, (now) => ({
        runtimes: runtimesIn(registry),
        daemons: daemonsIn(registry),
        oldestPending: oldestPendingIn(journal, now),
        tasks: tasksIn(tasks, now)
      }))
    )
}
