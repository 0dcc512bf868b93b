import { Task } from "@muster/domain"
import type { Versioned } from "./TaskRow.ts"

/** The maximum number of tasks that are remembered, and of characters of their prompts: longer ones are read. */
const max = { tasks: 1_000, prompt: 4_096 }

/**
 * The unfinished tasks that this replica wrote last, with their versions: the calls of a daemon about a task follow each other,
 * so the next change of one often needs no read. A version that is old by then makes the write fail, and the task is read.
 */
export class RecentTasks {
  private readonly tasks = new Map<Task.TaskId, Versioned>()
  /** The queued ones of each runtime, the oldest first. */
  private readonly queued = new Map<Task.Task["runtimeId"], Map<Task.TaskId, Versioned>>()

  get(id: Task.TaskId): Versioned | undefined {
    return this.tasks.get(id)
  }

  set(task: Task.Task, version: number): void {
    this.delete(task.id)
    if (Task.isTerminal(task) || task.prompt.length > max.prompt) return
    if (this.tasks.size >= max.tasks) this.delete(this.tasks.keys().next().value!)
    const versioned = { task, version }
    this.tasks.set(task.id, versioned)
    if (task.state._tag !== "Queued") return
    const queue = this.queued.get(task.runtimeId) ?? new Map<Task.TaskId, Versioned>()
    this.queued.set(task.runtimeId, queue.set(task.id, versioned))
  }

  delete(id: Task.TaskId): void {
    const known = this.tasks.get(id)
    if (known === undefined) return
    this.tasks.delete(id)
    const { runtimeId } = known.task
    const queue = this.queued.get(runtimeId)
    if (queue?.delete(id) === true && queue.size === 0) this.queued.delete(runtimeId)
  }

  /** The task that is probably the next of these runtimes: by priority and age. */
  next(runtimeIds: ReadonlyArray<Task.Task["runtimeId"]>, now: number): Versioned | undefined {
    let next: Versioned | undefined
    for (const id of runtimeIds) {
      for (const one of this.queued.get(id)?.values() ?? []) {
        if (Task.isClaimable(one.task, now) && (next === undefined || isBefore(one.task, next.task))) next = one
      }
    }
    return next
  }
}

const isBefore = (a: Task.Task, b: Task.Task) =>
  a.priority === b.priority ? a.createdAt < b.createdAt : a.priority > b.priority
