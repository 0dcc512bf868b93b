import type { Batch } from "./Frames.ts"

const pattern = /^\s*(UN)?LISTEN\s+(".+"|\*|\S+?)\s*;?\s*$/i

/** Which channels one connection listens to, as its own queries say. */
export class Channels {
  readonly #names = new Set<string>()

  /** The channels as they stood in the queries, quotes included. */
  get names(): ReadonlySet<string> {
    return this.#names
  }

  /** Notes what these queries change. True: they end a LISTEN, which ends it for the whole session. */
  note({ queries }: Batch): boolean {
    let ended = false
    for (const query of queries) {
      const [match, un, name] = pattern.exec(query) ?? []
      if (match === undefined || name === undefined) continue
      if (un === undefined) this.#names.add(name)
      else if (name === "*") this.#names.clear()
      else this.#names.delete(name)
      ended ||= un !== undefined
    }
    return ended
  }
}
