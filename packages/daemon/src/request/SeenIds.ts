/** A memory of the latest `most` ids (≥ 1): the one added longest ago is forgotten. */
export class SeenIds {
  readonly #ids = new Set<string>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** Remembers the id. False: it was known already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false
    if (this.#ids.size >= this.#most) this.#ids.delete(this.#ids.keys().next().value!)
    this.#ids.add(id)
    return true
  }
}
