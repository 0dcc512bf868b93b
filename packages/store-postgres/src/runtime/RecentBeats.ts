import type { Runtime } from "@muster/domain"

/** The beats of the last `ttl` ms. Keeps those of at most two such spans, so old ones are removed without a call. */
export class RecentBeats {
  readonly #ttl: number
  #current = new Map<Runtime.RuntimeId, number>()
  #previous = new Map<Runtime.RuntimeId, number>()
  #since = 0

  constructor(ttl: number) {
    this.#ttl = ttl
  }

  /** How many are kept. */
  get size(): number {
    return this.#current.size + this.#previous.size
  }

  add(id: Runtime.RuntimeId, now: number): void {
    if (now - this.#since > this.#ttl) {
      this.#previous = this.#current
      this.#current = new Map()
      this.#since = now
    }
    this.#current.set(id, now)
  }

  has(id: Runtime.RuntimeId, now: number): boolean {
    const at = this.#current.get(id) ?? this.#previous.get(id)
    return at !== undefined && now - at <= this.#ttl
  }

  delete(id: Runtime.RuntimeId): void {
    this.#current.delete(id)
    this.#previous.delete(id)
  }
}
