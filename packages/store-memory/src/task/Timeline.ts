import { type Age, byAge, type TaskEntry } from "./TaskEntry.ts"

/** Entries by age. A new one is nearly always the youngest, so that adding takes O(1). */
export class Timeline {
  readonly #entries: Array<TaskEntry> = []

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  add(entry: TaskEntry): void {
    this.#entries.splice(this.#placeOf(entry.task), 0, entry)
  }

  remove(entry: TaskEntry): void {
    const place = this.#placeOf(entry.task)
    if (this.#entries[place] === entry) this.#entries.splice(place, 1)
  }

  /** The entries older than `age`, youngest first; null: all of them. */
  *before(age: Age | null): Iterable<TaskEntry> {
    const last = age === null ? this.#entries.length : this.#placeOf(age)
    for (let place = last - 1; place >= 0; place--) yield this.#entries[place]!
  }

  /** How many entries are older. */
  #placeOf(age: Age): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (byAge(this.#entries[middle]!.task, age) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
