import { type Identity, Task } from "@muster/domain"
import { Heap } from "../request/Heap.ts"
import { isOlder, type TaskEntry } from "./TaskEntry.ts"

type Persons = Map<Identity.UserId, Heap<TaskEntry>>

const notBefore = ({ task: { state } }: TaskEntry): number => state._tag === "Queued" ? state.notBefore : Infinity

/** The unfinished tasks of one runtime, and the turns of its persons. */
export class TaskLane {
  readonly queued = new Set<TaskEntry>()
  readonly active = new Set<TaskEntry>()
  /** All of them, by the moment their limit passes. */
  readonly deadlines = new Heap<TaskEntry>((a, b) => a.deadline < b.deadline)
  /** The queued ones whose time has not come. */
  readonly #waiting = new Heap<TaskEntry>((a, b) => notBefore(a) < notBefore(b))
  /** The other queued ones, except those whose key was found held: by priority and person, oldest first. */
  readonly #ready = new Map<number, Persons>()
  /** The claimed ones that may be delivered again, by the time of redelivery. */
  readonly #delivered = new Heap<TaskEntry>((a, b) => a.due < b.due)
  /** When each person was last served, as a number that grows with each claim. */
  readonly #turns = new Map<Identity.UserId, number>()
  #turn = 0

  /** How many tasks the store holds of this runtime, in any state. */
  kept = 0

  place(entry: TaskEntry): void {
    if (entry.deadline === Infinity) return
    this.deadlines.put(entry)
    if (Task.isActive(entry.task)) {
      this.active.add(entry)
      if (entry.due !== Infinity) this.#delivered.put(entry)
    } else {
      this.queued.add(entry)
      this.#waiting.put(entry)
    }
  }

  remove(entry: TaskEntry): void {
    this.deadlines.delete(entry)
    this.queued.delete(entry)
    this.active.delete(entry)
    this.#waiting.delete(entry)
    this.#delivered.delete(entry)
    this.leaveReady(entry)
  }

  /** A claim may consider it again. */
  unblock(entry: TaskEntry): void {
    this.#waiting.put(entry)
  }

  /** The queued task is no longer considered by claims. */
  leaveReady(entry: TaskEntry): void {
    const { by, priority } = entry.task
    const persons = this.#ready.get(priority)
    const tasks = persons?.get(by)
    if (persons === undefined || tasks === undefined) return
    tasks.delete(entry)
    if (tasks.size > 0) return
    persons.delete(by)
    if (persons.size === 0) this.#ready.delete(priority)
  }

  /** Whether a claim at `now` may find something here, apart from keys. */
  mayHave(now: number): boolean {
    if (this.#ready.size > 0) return true
    const waiting = this.#waiting.first()
    return (waiting !== undefined && notBefore(waiting) <= now) || isBefore(this.#delivered.first()?.due, now) ||
      isBefore(this.deadlines.first()?.deadline, now)
  }

  /** Those to be delivered again at `now`. */
  redeliverable(now: number): ReadonlyArray<TaskEntry> {
    const due: Array<TaskEntry> = []
    for (let first = this.#delivered.first(); first !== undefined && first.due < now; first = this.#delivered.first()) {
      this.#delivered.delete(first)
      due.push(first)
    }
    for (const entry of due) this.#delivered.put(entry)
    return due
  }

  /** The next task for a claim at `now`, without removing it. `block` takes out those whose key is held. */
  next(now: number, block: (entry: TaskEntry) => boolean): TaskEntry | undefined {
    this.#admit(now)
    for (const priority of [...this.#ready.keys()].toSorted((a, b) => b - a)) {
      let best: TaskEntry | undefined
      for (const tasks of this.#ready.get(priority)?.values() ?? []) {
        let first = tasks.first()
        while (first !== undefined && block(first)) first = tasks.first()
        if (first !== undefined && (best === undefined || this.#precedes(first, best))) best = first
      }
      if (best !== undefined) return best
    }
    return undefined
  }

  /** The person has had a turn. */
  served(person: Identity.UserId): void {
    this.#turns.set(person, ++this.#turn)
  }

  #precedes(a: TaskEntry, b: TaskEntry): boolean {
    const turn = (this.#turns.get(a.task.by) ?? 0) - (this.#turns.get(b.task.by) ?? 0)
    return turn === 0 ? isOlder(a.task, b.task) : turn < 0
  }

  #admit(now: number): void {
    for (
      let first = this.#waiting.first();
      first !== undefined && notBefore(first) <= now;
      first = this.#waiting.first()
    ) {
      this.#waiting.delete(first)
      const { by, priority } = first.task
      const persons: Persons = this.#ready.get(priority) ?? new Map()
      const tasks = persons.get(by) ?? new Heap<TaskEntry>((a, b) => isOlder(a.task, b.task))
      tasks.put(first)
      this.#ready.set(priority, persons.set(by, tasks))
    }
  }
}

const isBefore = (moment: number | undefined, now: number): boolean => moment !== undefined && moment < now
