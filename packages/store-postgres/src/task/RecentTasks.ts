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

  get(id: Task.TaskId): Versioned | undefined {
    return this.tasks.get(id)
  }

  set(task: Task.Task, version: number): void {
    this.tasks.delete(task.id)
    if (Task.isTerminal(task) || task.prompt.length > max.prompt) return
    if (this.tasks.size >= max.tasks) this.tasks.delete(this.tasks.keys().next().value!)
    this.tasks.set(task.id, { task, version })
  }
}
