import type { Model, Runtime } from "@muster/domain"

/** The last report of a runtime's models; null: it has none. */
interface Said {
  readonly models: ReadonlyArray<Model.Model> | null
  readonly at: number
}

/** The maximum number of lists; a new one replaces the least recently written. */
const maxLists = 10_000

/** Kept lists of models. Layers built on the same state are nodes of one backend. */
export class CatalogueState {
  readonly #lists = new Map<Runtime.RuntimeId, Said>()

  get size(): number {
    return this.#lists.size
  }

  find(runtime: Runtime.RuntimeId): Said | undefined {
    return this.#lists.get(runtime)
  }

  /** Does nothing if a later report is kept. */
  put(runtime: Runtime.RuntimeId, said: Said): void {
    const known = this.#lists.get(runtime)
    if (known !== undefined && known.at > said.at) return
    this.#lists.delete(runtime)
    this.#lists.set(runtime, said)
    if (this.#lists.size > maxLists) this.#lists.delete(this.#lists.keys().next().value!)
  }

  delete(runtime: Runtime.RuntimeId): void {
    this.#lists.delete(runtime)
  }
}
