import type { Entry } from "./Entry.ts"
import { Heap } from "./Heap.ts"

/** The unfinished requests of one kind of one runtime. */
export class Lane {
  /** All of them, by the moment their limit passes. */
  readonly #deadlines = new Heap<Entry>((a, b) => a.deadline < b.deadline)
  /** The claimable ones, oldest first. */
  readonly #ready = new Heap<Entry>((a, b) => a.sequence < b.sequence)
  /** The delivered ones that may be delivered again, by the time of redelivery. */
  readonly #delivered = new Heap<Entry>((a, b) => a.due < b.due)
  readonly #pending = new Set<Entry>()

  get isEmpty(): boolean {
    return this.#deadlines.size === 0
  }

  /** How many wait for their first pick-up. */
  get pending(): number {
    return this.#pending.size
  }

  /** The unfinished one whose limit passes first. */
  first(): Entry | undefined {
    return this.#deadlines.first()
  }

  /** Places an entry by its state; a terminal one leaves the lane. */
  place(entry: Entry): void {
    const tag = entry.request.state._tag
    if (tag !== "Pending" && tag !== "Running") return this.remove(entry)
    this.#deadlines.put(entry)
    if (tag === "Pending") {
      this.#pending.add(entry)
      this.#ready.put(entry)
      return
    }
    this.#pending.delete(entry)
    this.#ready.delete(entry)
    if (entry.due === Infinity) this.#delivered.delete(entry)
    else this.#delivered.put(entry)
  }

  remove(entry: Entry): void {
    this.#deadlines.delete(entry)
    this.#ready.delete(entry)
    this.#delivered.delete(entry)
    this.#pending.delete(entry)
  }

  /** The oldest claimable one at `now`, without removing it. Only correct when nothing in the lane is overdue. */
  claimable(now: number): Entry | undefined {
    for (let next = this.#delivered.first(); next !== undefined && next.due < now; next = this.#delivered.first()) {
      this.#delivered.delete(next)
      this.#ready.put(next)
    }
    return this.#ready.first()
  }
}
