import {
  type JournalEntry,
  type JournalNotes,
  laterWhereabouts,
  mergeEntries,
  type RequestId,
  type RuntimeId,
  type Whereabouts
} from "@muster/domain"

/** What may wait to be written: the oldest makes room. And how much of it one statement takes. */
const bounds = { entries: 1_000, heard: 20_000 }
const atOnce = { entries: 500, heard: 2_000 }

const put = <K, V>(map: Map<K, V>, key: K, value: V, most: number) => {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value!)
}

const takeFrom = <K, V>(map: Map<K, V>, most: number): ReadonlyArray<V> => {
  const taken = [...map.entries()].slice(0, most)
  for (const [key] of taken) map.delete(key)
  return taken.map(([, value]) => value)
}

/** Notes that are not written yet, one of each request and of each runtime. Bounded, so it may lose some. */
export class Notes {
  readonly #entries = new Map<RequestId, JournalEntry>()
  readonly #heard = new Map<RuntimeId, Whereabouts>()

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#heard.size === 0
  }

  note(entry: JournalEntry): void {
    const known = this.#entries.get(entry.id)
    put(this.#entries, entry.id, known === undefined ? entry : mergeEntries(known, entry), bounds.entries)
  }

  hear(note: Whereabouts): void {
    put(this.#heard, note.runtimeId, laterWhereabouts(this.#heard.get(note.runtimeId), note), bounds.heard)
  }

  /** The oldest, as many as one statement takes. */
  take(): JournalNotes {
    return { entries: takeFrom(this.#entries, atOnce.entries), heard: takeFrom(this.#heard, atOnce.heard) }
  }

  /** Those that could not be written wait for another time, as far as there is room. */
  putBack({ entries, heard }: JournalNotes): void {
    for (const entry of entries) this.note(entry)
    for (const note of heard) this.hear(note)
  }

  entries(): Iterable<JournalEntry> {
    return this.#entries.values()
  }

  entry(id: RequestId): JournalEntry | undefined {
    return this.#entries.get(id)
  }

  heard(id: RuntimeId): Whereabouts | undefined {
    return this.#heard.get(id)
  }
}
