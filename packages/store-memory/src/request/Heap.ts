/**
 * A binary heap that knows the position of each item, so that any item can be removed or, after what orders it changed,
 * moved. Every operation takes O(log n) at most.
 */
export class Heap<A> {
  readonly #precedes: (a: A, b: A) => boolean
  readonly #items: Array<A> = []
  readonly #places = new Map<A, number>()

  /** `precedes`: a strict order. */
  constructor(precedes: (a: A, b: A) => boolean) {
    this.#precedes = precedes
  }

  get size(): number {
    return this.#items.length
  }

  /** An item that none precedes, without removing it. */
  first(): A | undefined {
    return this.#items[0]
  }

  /** Adds the item, or moves it after what orders it changed. */
  put(item: A): void {
    const place = this.#places.get(item) ?? this.#items.length
    this.#set(place, item)
    this.#settle(place)
  }

  /** Removes the item; does nothing if it is absent. */
  delete(item: A): void {
    const place = this.#places.get(item)
    if (place === undefined) return
    const last = this.#items.pop()!
    this.#places.delete(item)
    if (last === item) return
    this.#set(place, last)
    this.#settle(place)
  }

  #set(place: number, item: A): void {
    this.#items[place] = item
    this.#places.set(item, place)
  }

  /** Moves the item at `place` up or down until the order is restored. */
  #settle(place: number): void {
    const item = this.#items[place]!
    let at = place
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = this.#items[above]!
      if (!this.#precedes(item, parent)) break
      this.#set(at, parent)
      at = above
    }
    for (let below = 2 * at + 1; below < this.#items.length; below = 2 * at + 1) {
      if (below + 1 < this.#items.length && this.#precedes(this.#items[below + 1]!, this.#items[below]!)) below++
      const child = this.#items[below]!
      if (!this.#precedes(child, item)) break
      this.#set(at, child)
      at = below
    }
    this.#set(at, item)
  }
}
