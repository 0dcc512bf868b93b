/** A memory of the latest `max` ids (≥ 1): the one added longest ago is forgotten. */
export class SeenIds {
  readonly #ids = new Set<string>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** Remembers the id. False: it was known already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false
    if (this.#ids.size >= this.#max) this.#ids.delete(this.#ids.keys().next().value!)
    this.#ids.add(id)
    return true
  }
}
