import type { Batch } from "./Frames.ts"

const pattern = /^\s*(UN)?LISTEN\s+(".+"|\*|\S+?)\s*;?\s*$/i

/** The channels that one connection listens to, from its own queries. */
export class Channels {
  readonly #names = new Set<string>()

  /** The channels as written in the queries, including quotes. */
  get names(): ReadonlySet<string> {
    return this.#names
  }

  /** Records what these queries change. True: they end a LISTEN, which ends it for the whole session. */
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
