import {
  type JournalEntry,
  type JournalNotes,
  laterPresence,
  maxJournalError,
  mergeEntries,
  newestFirst,
  type Presence,
  type Request,
  type RequestId,
  RequestJournal,
  type RuntimeId,
  type StoreUnavailable,
  type Transport,
  type WorkspaceId
} from "@muster/domain"
import { finalizeWithin } from "@muster/kit"
import { Clock, Context, Effect, Layer, Option, Schedule, type Scope } from "effect"
import { makeUpkeep } from "../condition/upkeep.ts"
import { LocalPresence, type LocalRuntime } from "./LocalPresence.ts"
import { ReplicaName } from "./ReplicaName.ts"

/** How often pending notes are written, in one statement. */
const writeEvery = "1 second"

/** How long the last write may take while the server stops. */
const lastWriteTimeout = "500 millis"

/** How many notes may be pending; the oldest makes room. */
const maxPending = { entries: 1_000, heard: 20_000 }

/** How many notes one statement writes. */
const batch = { entries: 500, heard: 2_000 }

/**
 * Records what happens to requests and which replica holds which runtime. Recording changes a bounded map in memory: it
 * never waits and never fails. Reads include notes that are not written yet.
 */
export class Journal extends Context.Service<Journal, {
  readonly created: (workspace: WorkspaceId, request: Request) => Effect.Effect<void>
  /** Delivered just now. Not recorded if the workspace is unknown. */
  readonly delivered: (
    workspace: WorkspaceId | undefined,
    requests: ReadonlyArray<Request>,
    via: Transport
  ) => Effect.Effect<void>
  /** Settled by a report. */
  readonly settled: (workspace: WorkspaceId, request: Request) => Effect.Effect<void>
  /** Records that one socket carries these runtimes until the scope ends. */
  readonly join: (runtimes: ReadonlyArray<RuntimeId>) => Effect.Effect<void, never, Scope.Scope>
  /** A beat at `now` (epoch ms). */
  readonly beat: (runtime: RuntimeId, via: Transport, now: number) => void
  /** The name of this replica. */
  readonly replica: string
  /** Newest first, at most `limit` entries (1 to `maxJournal`). */
  readonly recent: (
    workspace: WorkspaceId,
    limit: number
  ) => Effect.Effect<ReadonlyArray<JournalEntry>, StoreUnavailable>
  readonly find: (workspace: WorkspaceId, id: RequestId) => Effect.Effect<Option.Option<JournalEntry>, StoreUnavailable>
  /** The replica that holds the runtime, as far as it is known. */
  readonly presence: (runtime: RuntimeId) => Effect.Effect<Option.Option<Presence>, StoreUnavailable>
  /** How the runtime is connected to this replica; undefined if it is not. */
  readonly here: (runtime: RuntimeId) => LocalRuntime | undefined
}>()("@muster/server/journal/Journal") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const store = yield* RequestJournal
      const replica = yield* ReplicaName
      const pending = new PendingNotes()
      yield* writePending(store, pending)
      return Journal.of({
        replica,
        ...recordRequests(pending, replica),
        ...recordPresence(pending, replica),
        ...readJournal(store, pending)
      })
    })
  )
}

type Store = RequestJournal["Service"]
type Steps<K extends keyof Journal["Service"]> = Pick<Journal["Service"], K>

const entryOf = (workspaceId: WorkspaceId, { by, createdAt, id, kind, runtimeId }: Request): JournalEntry => ({
  id,
  workspaceId,
  runtimeId,
  kind,
  by,
  createdAt,
  createdOn: null,
  deliveries: [],
  end: null
})

const recordRequests = (pending: PendingNotes, replica: string): Steps<"created" | "delivered" | "settled"> => ({
  created: (workspace, request) =>
    Effect.sync(() => pending.addEntry({ ...entryOf(workspace, request), createdOn: replica })),
  delivered: (workspace, requests, via) =>
    workspace === undefined ? Effect.void : Effect.sync(() => {
      for (const request of requests) {
        const { state } = request
        if (state._tag !== "Running") continue
        pending.addEntry({ ...entryOf(workspace, request), deliveries: [{ at: state.deliveredAt, via, on: replica }] })
      }
    }),
  settled: (workspace, request) =>
    Effect.sync(() => {
      const { state, updatedAt } = request
      if (state._tag !== "Completed" && state._tag !== "Failed") return
      const error = state._tag === "Failed" ? { error: state.error.slice(0, maxJournalError) } : {}
      const how = state._tag === "Completed" ? "completed" : "failed"
      pending.addEntry({ ...entryOf(workspace, request), end: { how, at: updatedAt, on: replica, ...error } })
    })
})

const recordPresence = (pending: PendingNotes, replica: string): Steps<"beat" | "here" | "join"> => {
  const runtimes = new LocalPresence()
  const note = (runtimeId: RuntimeId, via: Transport | null, since: number) =>
    pending.addPresence({ runtimeId, on: replica, via, since })

  const joinAll = (ids: ReadonlyArray<RuntimeId>) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      for (const id of ids) {
        runtimes.join(id, now)
        note(id, "socket", now)
      }
    })
  const leaveAll = (ids: ReadonlyArray<RuntimeId>) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      for (const id of ids) if (runtimes.leave(id)) note(id, null, now)
    })

  return {
    join: (ids) => Effect.acquireRelease(joinAll(ids), () => leaveAll(ids)),
    beat: (id, via, now) => {
      if (runtimes.beat(id, via, now)) note(id, via, now)
    },
    here: (id) => runtimes.get(id)
  }
}

const readJournal = (store: Store, pending: PendingNotes): Steps<"find" | "presence" | "recent"> => ({
  recent: (workspace, limit) =>
    Effect.map(store.recent(workspace, limit), (written) => {
      const all = new Map(written.map((entry) => [entry.id, entry]))
      for (const entry of pending.entries()) {
        if (entry.workspaceId !== workspace) continue
        const known = all.get(entry.id)
        all.set(entry.id, known === undefined ? entry : mergeEntries(known, entry))
      }
      return [...all.values()].toSorted(newestFirst).slice(0, limit)
    }),
  find: (workspace, id) =>
    Effect.map(store.find(workspace, id), (written) => {
      const entry = pending.entry(id)
      if (entry === undefined || entry.workspaceId !== workspace) return written
      return Option.some(Option.isSome(written) ? mergeEntries(written.value, entry) : entry)
    }),
  presence: (runtime) =>
    Effect.map(store.heard(runtime), (written) => {
      const note = pending.presence(runtime)
      if (note === undefined) return written
      return Option.some(Option.isSome(written) && written.value.since > note.since ? written.value : note)
    })
})

/** Writes pending notes each `writeEvery` until the scope ends, and once more then. A failed write is tried again. */
const writePending = Effect.fnUntraced(function*(store: Store, pending: PendingNotes) {
  const upkeep = yield* makeUpkeep
  const write = Effect.suspend(() => {
    if (pending.isEmpty) return Effect.void
    const notes = pending.take()
    return upkeep(
      "writing the request journal",
      Effect.onError(store.write(notes), () => Effect.sync(() => pending.putBack(notes)))
    )
  })
  // A finalizer is uninterruptible, so the write needs a fiber of its own for its timeout to work.
  yield* finalizeWithin(lastWriteTimeout, write)
  yield* Effect.forkScoped(Effect.schedule(write, Schedule.spaced(writeEvery)))
})

const put = <K, V>(map: Map<K, V>, key: K, value: V, max: number) => {
  map.delete(key)
  map.set(key, value)
  if (map.size > max) map.delete(map.keys().next().value!)
}

const takeFrom = <K, V>(map: Map<K, V>, max: number): ReadonlyArray<V> => {
  const taken = [...map.entries()].slice(0, max)
  for (const [key] of taken) map.delete(key)
  return taken.map(([, value]) => value)
}

/** Notes that are not written yet, one per request and one per runtime. Bounded by `maxPending`, so it may drop some. */
class PendingNotes {
  readonly #entries = new Map<RequestId, JournalEntry>()
  readonly #presence = new Map<RuntimeId, Presence>()

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#presence.size === 0
  }

  addEntry(entry: JournalEntry): void {
    const known = this.#entries.get(entry.id)
    put(this.#entries, entry.id, known === undefined ? entry : mergeEntries(known, entry), maxPending.entries)
  }

  addPresence(note: Presence): void {
    put(this.#presence, note.runtimeId, laterPresence(this.#presence.get(note.runtimeId), note), maxPending.heard)
  }

  /** Removes and returns the oldest notes, as many as one statement writes. */
  take(): JournalNotes {
    return { entries: takeFrom(this.#entries, batch.entries), heard: takeFrom(this.#presence, batch.heard) }
  }

  /** Keeps notes that could not be written for the next write. */
  putBack({ entries, heard }: JournalNotes): void {
    for (const entry of entries) this.addEntry(entry)
    for (const note of heard) this.addPresence(note)
  }

  entries(): Iterable<JournalEntry> {
    return this.#entries.values()
  }

  entry(id: RequestId): JournalEntry | undefined {
    return this.#entries.get(id)
  }

  presence(id: RuntimeId): Presence | undefined {
    return this.#presence.get(id)
  }
}
