import {
  type JournalEntry,
  laterPresence,
  maxJournal,
  mergeEntries,
  newestFirst,
  type Presence,
  type RequestId,
  type RuntimeId,
  type WorkspaceId
} from "@muster/domain"

/** The most runtimes whose presence is kept; the one noted first makes room. */
const mostHeard = 100_000

/** The journal of requests. Layers built on the same state are nodes of one backend. */
export class JournalState {
  readonly #workspaces = new Map<WorkspaceId, Map<RequestId, JournalEntry>>()
  readonly #heard = new Map<RuntimeId, Presence>()

  put(entry: JournalEntry): void {
    const entries = this.#workspaces.get(entry.workspaceId) ?? new Map<RequestId, JournalEntry>()
    const known = entries.get(entry.id)
    entries.set(entry.id, known === undefined ? entry : mergeEntries(known, entry))
    this.#workspaces.set(entry.workspaceId, entries)
    if (entries.size > maxJournal) entries.delete([...entries.values()].toSorted(newestFirst).at(-1)!.id)
  }

  hear(note: Presence): void {
    const later = laterPresence(this.#heard.get(note.runtimeId), note)
    this.#heard.delete(note.runtimeId)
    this.#heard.set(note.runtimeId, later)
    if (this.#heard.size > mostHeard) this.#heard.delete(this.#heard.keys().next().value!)
  }

  recent(workspace: WorkspaceId, most: number): ReadonlyArray<JournalEntry> {
    return [...this.#workspaces.get(workspace)?.values() ?? []].toSorted(newestFirst).slice(0, most)
  }

  find(workspace: WorkspaceId, id: RequestId): JournalEntry | undefined {
    return this.#workspaces.get(workspace)?.get(id)
  }

  heard(runtime: RuntimeId): Presence | undefined {
    return this.#heard.get(runtime)
  }
}
