import { type Identity, type Request, RequestJournal, type Runtime } from "@muster/domain"

/** The maximum number of runtimes whose presence is kept; a new one replaces the first recorded. */
const mostHeard = 100_000

/** The journal of requests. Layers built on the same state are nodes of one backend. */
export class JournalState {
  readonly #workspaces = new Map<Identity.WorkspaceId, Map<Request.RequestId, RequestJournal.JournalEntry>>()
  readonly #heard = new Map<Runtime.RuntimeId, RequestJournal.Presence>()

  /** Every entry, in no order. */
  get entries(): Iterable<RequestJournal.JournalEntry> {
    return this.#workspaces.values().flatMap((entries) => entries.values())
  }

  put(entry: RequestJournal.JournalEntry): void {
    const entries = this.#workspaces.get(entry.workspaceId) ?? new Map<Request.RequestId, RequestJournal.JournalEntry>()
    const known = entries.get(entry.id)
    entries.set(entry.id, known === undefined ? entry : RequestJournal.mergeEntries(known, entry))
    this.#workspaces.set(entry.workspaceId, entries)
    if (entries.size > RequestJournal.maxJournal) {
      entries.delete([...entries.values()].toSorted(RequestJournal.newestFirst).at(-1)!.id)
    }
  }

  hear(note: RequestJournal.Presence): void {
    const later = RequestJournal.laterPresence(this.#heard.get(note.runtimeId), note)
    this.#heard.delete(note.runtimeId)
    this.#heard.set(note.runtimeId, later)
    if (this.#heard.size > mostHeard) this.#heard.delete(this.#heard.keys().next().value!)
  }

  recent(workspace: Identity.WorkspaceId, max: number): ReadonlyArray<RequestJournal.JournalEntry> {
    return [...this.#workspaces.get(workspace)?.values() ?? []].toSorted(RequestJournal.newestFirst).slice(0, max)
  }

  find(workspace: Identity.WorkspaceId, id: Request.RequestId): RequestJournal.JournalEntry | undefined {
    return this.#workspaces.get(workspace)?.get(id)
  }

  countOf(workspace: Identity.WorkspaceId): number {
    return this.#workspaces.get(workspace)?.size ?? 0
  }

  forget(workspace: Identity.WorkspaceId): void {
    this.#workspaces.delete(workspace)
  }

  heard(runtime: Runtime.RuntimeId): RequestJournal.Presence | undefined {
    return this.#heard.get(runtime)
  }
}
