import { type Identity, type Runtime, Task } from "@muster/domain"
import { Heap } from "../request/Heap.ts"
import { KeyTable } from "./KeyTable.ts"
import { rewrite, type TaskEntry } from "./TaskEntry.ts"
import { TaskLane } from "./TaskLane.ts"
import { Timeline } from "./Timeline.ts"

type DaemonId = NonNullable<Task.Task["daemonId"]>

/** The tasks of one workspace. */
interface WorkspaceTasks {
  readonly timeline: Timeline
  queued: number
}

/**
 * The content of a task queue and of the logs in memory. Layers built on the same state are nodes of one backend. All of
 * it is synchronous: a method is one atomic step.
 */
export class TaskState {
  readonly keys = new KeyTable()
  readonly #records = new Map<Task.TaskId, TaskEntry>()
  readonly #once = new Map<string, TaskEntry>()
  readonly #workspaces = new Map<Identity.WorkspaceId, WorkspaceTasks>()
  readonly #lanes = new Map<Runtime.RuntimeId, TaskLane>()
  readonly #daemons = new Map<DaemonId, Set<TaskEntry>>()
  readonly #tokens = new Map<string, TaskEntry>()
  /** The unfinished tasks, by the moment their limit passes. */
  readonly #deadlines = new Heap<TaskEntry>((a, b) => a.deadline < b.deadline)
  /** The finished ones, by the moment they ended. */
  readonly #ends = new Heap<TaskEntry>((a, b) => a.endedAt < b.endedAt)

  /** The unfinished tasks of each runtime, without their limits applied. */
  get lanes(): Iterable<TaskLane> {
    return this.#lanes.values()
  }

  /** The number of records, and of the entries of every index. */
  get size(): number {
    const maps = [this.#records, this.#once, this.#workspaces, this.#lanes, this.#daemons, this.#tokens]
    return [...maps, this.#deadlines, this.#ends, this.keys].reduce((sum, { size }) => sum + size, 0)
  }

  add(entry: TaskEntry): void {
    const { id, runtimeId, workspaceId } = entry.task
    this.#records.set(id, entry)
    if (entry.once !== null) this.#once.set(entry.once, entry)
    let workspace = this.#workspaces.get(workspaceId)
    if (workspace === undefined) {
      this.#workspaces.set(workspaceId, workspace = { timeline: new Timeline(), queued: 0 })
    }
    workspace.timeline.add(entry)
    this.#keepIn(runtimeId)
    this.#place(entry)
  }

  /** Replaces the record by a new version. */
  write(entry: TaskEntry, task: Task.Task): void {
    const before = entry.task
    if (before === task) return
    this.#remove(entry)
    if (before.runtimeId !== task.runtimeId) {
      this.#keepIn(task.runtimeId)
      this.#leave(before.runtimeId)
    }
    rewrite(entry, task)
    this.#place(entry)
    for (const key of new Set([before.key, task.key])) {
      for (const freed of this.keys.freed(key)) this.#lanes.get(freed.task.runtimeId)?.unblock(freed)
    }
  }

  /** The record with its limits applied; undefined: unknown, or past its retention. */
  find(id: Task.TaskId, now: number): TaskEntry | undefined {
    const entry = this.#records.get(id)
    if (entry !== undefined) this.elapse(entry, now)
    return entry
  }

  /** The task that has this idempotency key. */
  findOnce(once: string): TaskEntry | undefined {
    return this.#once.get(once)
  }

  findToken(hash: string): TaskEntry | undefined {
    return this.#tokens.get(hash)
  }

  elapse(entry: TaskEntry, now: number): void {
    if (entry.deadline < now) this.write(entry, Task.elapse(entry.task, now))
  }

  /** Applies the limits of tasks whose deadline is over, at most `max` of them. Returns them. */
  sweep(now: number, max: number): ReadonlyArray<TaskEntry> {
    return this.#elapseOf(this.#deadlines, now, max)
  }

  /** Applies the limits of the tasks of one runtime. Returns what it has; undefined: no task at all. */
  lane(runtime: Runtime.RuntimeId, now: number): TaskLane | undefined {
    const lane = this.#lanes.get(runtime)
    if (lane !== undefined) this.#elapseOf(lane.deadlines, now)
    return lane
  }

  /** What one runtime has, without its limits applied. */
  laneAsIs(runtime: Runtime.RuntimeId): TaskLane | undefined {
    return this.#lanes.get(runtime)
  }

  /** Applies the limits of the tasks that hold keys. */
  elapseHolders(now: number): void {
    this.#elapseOf(this.keys.holders, now)
  }

  /** Whether the limit of a task that holds a key has passed. */
  hasLateHolder(now: number): boolean {
    return (this.keys.holders.first()?.deadline ?? Infinity) < now
  }

  /** The active tasks of a daemon, with their limits applied. */
  activeOf(daemon: DaemonId, now: number): ReadonlySet<TaskEntry> {
    for (const entry of this.#daemons.get(daemon) ?? []) this.elapse(entry, now)
    return this.#daemons.get(daemon) ?? new Set()
  }

  queuedIn(workspace: Identity.WorkspaceId): number {
    return this.#workspaces.get(workspace)?.queued ?? 0
  }

  timeline(workspace: Identity.WorkspaceId): Timeline | undefined {
    return this.#workspaces.get(workspace)?.timeline
  }

  /** The task that ended first. */
  firstEnd(): TaskEntry | undefined {
    return this.#ends.first()
  }

  forget(entry: TaskEntry): void {
    const { id, runtimeId, workspaceId } = entry.task
    this.#remove(entry)
    this.#records.delete(id)
    if (entry.once !== null && this.#once.get(entry.once) === entry) this.#once.delete(entry.once)
    const workspace = this.#workspaces.get(workspaceId)
    workspace?.timeline.remove(entry)
    if (workspace?.timeline.isEmpty === true) this.#workspaces.delete(workspaceId)
    this.#leave(runtimeId)
  }

  /** One more task is of this runtime. */
  #keepIn(runtime: Runtime.RuntimeId): void {
    let lane = this.#lanes.get(runtime)
    if (lane === undefined) this.#lanes.set(runtime, lane = new TaskLane())
    lane.kept++
  }

  /** One task less is of this runtime. */
  #leave(runtime: Runtime.RuntimeId): void {
    const lane = this.#lanes.get(runtime)
    if (lane !== undefined && --lane.kept === 0) this.#lanes.delete(runtime)
  }

  #elapseOf(deadlines: Heap<TaskEntry>, now: number, max = Infinity): ReadonlyArray<TaskEntry> {
    const changed: Array<TaskEntry> = []
    for (
      let first = deadlines.first();
      first !== undefined && first.deadline < now && changed.length < max;
      first = deadlines.first()
    ) {
      this.elapse(first, now)
      changed.push(first)
    }
    return changed
  }

  #place(entry: TaskEntry): void {
    const { daemonId, runtimeId, state, tokenHash, workspaceId } = entry.task
    this.#lanes.get(runtimeId)?.place(entry)
    this.keys.place(entry)
    if (entry.deadline === Infinity) return this.#ends.put(entry)
    this.#deadlines.put(entry)
    if (tokenHash !== null) this.#tokens.set(tokenHash, entry)
    if (state._tag === "Queued") this.#workspaces.get(workspaceId)!.queued++
    else if (daemonId !== null) this.#daemons.set(daemonId, (this.#daemons.get(daemonId) ?? new Set()).add(entry))
  }

  #remove(entry: TaskEntry): void {
    const { daemonId, runtimeId, state, tokenHash, workspaceId } = entry.task
    this.#lanes.get(runtimeId)?.remove(entry)
    this.keys.remove(entry)
    this.#deadlines.delete(entry)
    this.#ends.delete(entry)
    if (tokenHash !== null) this.#tokens.delete(tokenHash)
    if (state._tag === "Queued") this.#workspaces.get(workspaceId)!.queued--
    const held = daemonId === null ? undefined : this.#daemons.get(daemonId)
    if (daemonId === null || held === undefined) return
    held.delete(entry)
    if (held.size === 0) this.#daemons.delete(daemonId)
  }
}
