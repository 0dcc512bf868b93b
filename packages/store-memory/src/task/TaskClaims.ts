import { Task, type TaskQueue } from "@muster/domain"
import { byAge, isOlder, type TaskEntry } from "./TaskEntry.ts"
import type { TaskLane } from "./TaskLane.ts"
import type { TaskState } from "./TaskState.ts"

/** The lanes of a claim, with the limits of all that may decide it applied. */
const lanesOf = (state: TaskState, { runtimeIds }: TaskQueue.ClaimTasks, now: number): ReadonlyArray<TaskLane> => {
  state.elapseHolders(now)
  return [...new Set(runtimeIds)].map((id) => state.lane(id, now)).filter((lane) => lane !== undefined)
}

/** The next task that a claim takes: of each lane the first, of these the highest and oldest. */
const nextOf = (state: TaskState, lanes: ReadonlyArray<TaskLane>, now: number) => {
  let best: { readonly entry: TaskEntry; readonly lane: TaskLane } | undefined
  for (const lane of lanes) {
    const entry = lane.next(now, (entry) => {
      const isBlocked = state.keys.block(entry)
      if (isBlocked) lane.leaveReady(entry)
      return isBlocked
    })
    if (entry === undefined) continue
    const ahead = best === undefined ? 1 : entry.task.priority - best.entry.task.priority
    if (ahead > 0 || (ahead === 0 && best !== undefined && isOlder(entry.task, best.entry.task))) best = { entry, lane }
  }
  return best
}

/** Redeliveries first, then new tasks as `max` and the free slots allow. O(log n) per task and lane. */
export const claimTasks = (state: TaskState, input: TaskQueue.ClaimTasks, now: number): ReadonlyArray<Task.Task> => {
  const { daemonId, fenced, max, slots, tokenHashes } = input
  const lanes = lanesOf(state, input, now)
  const active = state.activeOf(daemonId, now).size
  const taken: Array<Task.Task> = []
  const take = (entry: TaskEntry, next: (tokenHash: string | null) => Task.Task) => {
    state.write(entry, next(tokenHashes[taken.length] ?? null))
    taken.push(entry.task)
  }
  const lost = lanes.flatMap((lane) => lane.redeliverable(now)).filter(({ task }) => task.daemonId === daemonId)
  for (const entry of lost.toSorted((a, b) => byAge(a.task, b.task)).slice(0, max)) {
    take(entry, (tokenHash) => Task.redeliver(entry.task, tokenHash, now))
  }
  const free = slots === null ? max : slots - active
  for (let room = Math.min(max - taken.length, free); room > 0; room--) {
    const next = nextOf(state, lanes, now)
    if (next === undefined) break
    next.lane.served(next.entry.task.by)
    take(next.entry, (tokenHash) => Task.claim(next.entry.task, { daemonId, fenced, tokenHash }, now))
  }
  return taken
}

/** Whether a claim for these runtimes may find something, by what is known without applying any limit. */
export const mayClaim = (state: TaskState, runtimes: TaskQueue.ClaimTasks["runtimeIds"], now: number): boolean =>
  runtimes.some((id) => {
    const lane = state.laneAsIs(id)
    return lane !== undefined && (lane.mayHave(now) || (lane.queued.size > 0 && state.hasLateHolder(now)))
  })
