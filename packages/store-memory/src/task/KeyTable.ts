import { Task } from "@muster/domain"
import { Heap } from "../request/Heap.ts"
import type { TaskEntry } from "./TaskEntry.ts"

/** The unfinished tasks of one concurrency key. */
interface Place {
  holder: TaskEntry | undefined
  /** How many are queued. */
  queued: number
  /** The queued ones that a claim passed over because the key was held. */
  readonly blocked: Set<TaskEntry>
}

/** Which task holds each concurrency key, and which wait for it. */
export class KeyTable {
  readonly #places = new Map<string, Place>()
  /** The tasks that hold a key, by the moment their limit passes. */
  readonly holders = new Heap<TaskEntry>((a, b) => a.deadline < b.deadline)

  get size(): number {
    return this.#places.size + this.holders.size
  }

  holderOf(key: string): TaskEntry | undefined {
    return this.#places.get(key)?.holder
  }

  queuedOf(key: string): number {
    return this.#places.get(key)?.queued ?? 0
  }

  place(entry: TaskEntry): void {
    const { key } = entry.task
    if (key === null || entry.deadline === Infinity) return
    let place = this.#places.get(key)
    if (place === undefined) this.#places.set(key, place = { holder: undefined, queued: 0, blocked: new Set() })
    if (Task.isActive(entry.task)) {
      place.holder = entry
      this.holders.put(entry)
    } else place.queued++
  }

  /** Before the entry changes. */
  remove(entry: TaskEntry): void {
    const { key } = entry.task
    const place = key === null ? undefined : this.#places.get(key)
    if (key === null || place === undefined || entry.deadline === Infinity) return
    if (place.holder === entry) {
      place.holder = undefined
      this.holders.delete(entry)
    } else {
      place.queued--
      place.blocked.delete(entry)
    }
    if (place.holder === undefined && place.queued === 0) this.#places.delete(key)
  }

  /** Those that a claim may consider again, since nothing holds the key any more. */
  freed(key: string | null): ReadonlyArray<TaskEntry> {
    const place = key === null ? undefined : this.#places.get(key)
    if (place === undefined || place.holder !== undefined) return []
    const freed = [...place.blocked]
    place.blocked.clear()
    return freed
  }

  /** Whether another task holds the key of this one, which then waits until the key is free. */
  block(entry: TaskEntry): boolean {
    const place = entry.task.key === null ? undefined : this.#places.get(entry.task.key)
    if (place?.holder === undefined) return false
    place.blocked.add(entry)
    return true
  }
}
