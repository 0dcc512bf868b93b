import { type Identity, type Request, RequestJournal, type Runtime, type Store } from "@muster/domain"
import { finalizeWithin } from "@muster/kit"
import { Clock, Context, Effect, Layer, Option, Schedule } from "effect"
import { makeUpkeep } from "../condition/upkeep.ts"
import { LocalPresence, type LocalRuntime } from "./LocalPresence.ts"
import { ReplicaName } from "./ReplicaName.ts"

/** How often pending notes are written, in one statement. */
const writeEvery = "1 second"

/** How long the last write may take while the server stops. */
const lastWriteTimeout = "500 millis"

/** How many notes may be pending; a new one replaces the oldest. */
const maxPending = { entries: 1_000, heard: 20_000 }

/** How many notes one statement writes. */
const batch = { entries: 500, heard: 2_000 }

/** What the journal notes about a request's runtime. */
type Noted = Pick<Runtime.Runtime, "name" | "workspaceId">

/**
 * Records what happens to requests and which replica holds which runtime. Recording changes a bounded map in memory: it
 * never waits and never fails. Reads include notes that are not written yet.
 */
export class Journal extends Context.Service<Journal, {
  readonly created: (runtime: Noted, request: Request.Request) => Effect.Effect<void>
  /** Delivered now. Not recorded if the runtime is unknown. */
  readonly delivered: (
    runtime: Noted | undefined,
    requests: ReadonlyArray<Request.Request>,
    via: Runtime.Transport
  ) => Effect.Effect<void>
  /** Settled by a report. */
  readonly settled: (runtime: Noted, request: Request.Request) => Effect.Effect<void>
  /** Records that one socket carries these runtimes. Returns what ends this. */
  readonly join: (runtimes: ReadonlyArray<Runtime.RuntimeId>) => () => void
  /** A beat at `now` (epoch ms). */
  readonly beat: (runtime: Runtime.RuntimeId, via: Runtime.Transport, now: number) => void
  /** The name of this replica. */
  readonly replica: string
  /** Newest first, at most `limit` entries (1 to `maxJournal`). */
  readonly recent: (
    workspace: Identity.WorkspaceId,
    limit: number
  ) => Effect.Effect<ReadonlyArray<RequestJournal.JournalEntry>, Store.StoreUnavailable>
  readonly find: (
    workspace: Identity.WorkspaceId,
    id: Request.RequestId
  ) => Effect.Effect<Option.Option<RequestJournal.JournalEntry>, Store.StoreUnavailable>
  /** The replica that holds the runtime, as far as it is known. */
  readonly presence: (
    runtime: Runtime.RuntimeId
  ) => Effect.Effect<Option.Option<RequestJournal.Presence>, Store.StoreUnavailable>
  /** How the runtime is connected to this replica; undefined if it is not. */
  readonly here: (runtime: Runtime.RuntimeId) => LocalRuntime | undefined
}>()("@muster/server/journal/Journal") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const store = yield* RequestJournal.RequestJournal
      const replica = yield* ReplicaName
      const clock = yield* Clock.Clock
      const pending = new PendingNotes()
      yield* writePending(store, pending)
      return Journal.of({
        replica,
        ...recordRequests(pending, replica),
        ...recordPresence(pending, replica, clock),
        ...readJournal(store, pending)
      })
    })
  )
}

type JournalStore = RequestJournal.RequestJournal["Service"]
type Steps<K extends keyof Journal["Service"]> = Pick<Journal["Service"], K>

const entryOf = (
  { name, workspaceId }: Noted,
  { by, createdAt, id, kind, runtimeId }: Request.Request
): RequestJournal.JournalEntry => ({
  id,
  workspaceId,
  runtimeId,
  runtimeName: name,
  kind,
  by,
  createdAt,
  createdOn: null,
  deliveries: [],
  end: null
})

const recordRequests = (pending: PendingNotes, replica: string): Steps<"created" | "delivered" | "settled"> => ({
  created: (runtime, request) =>
    Effect.sync(() => pending.addEntry({ ...entryOf(runtime, request), createdOn: replica })),
  delivered: (runtime, requests, via) =>
    runtime === undefined ? Effect.void : Effect.sync(() => {
      for (const request of requests) {
        const { state } = request
        if (state._tag !== "Running") continue
        pending.addEntry({ ...entryOf(runtime, request), deliveries: [{ at: state.deliveredAt, via, on: replica }] })
      }
    }),
  settled: (runtime, request) =>
    Effect.sync(() => {
      const { state, updatedAt } = request
      if (state._tag !== "Completed" && state._tag !== "Failed") return
      const error = state._tag === "Failed" ? { error: state.error.slice(0, RequestJournal.maxError) } : {}
      const how = state._tag === "Completed" ? "completed" : "failed"
      pending.addEntry({ ...entryOf(runtime, request), end: { how, at: updatedAt, on: replica, ...error } })
    })
})

const recordPresence = (
  pending: PendingNotes,
  replica: string,
  clock: Clock.Clock
): Steps<"beat" | "here" | "join"> => {
  const runtimes = new LocalPresence()
  const note = (runtimeId: Runtime.RuntimeId, via: Runtime.Transport | null, since: number) =>
    pending.addPresence({ runtimeId, on: replica, via, since })

  const leaveAll = (ids: ReadonlyArray<Runtime.RuntimeId>) => {
    const now = clock.currentTimeMillisUnsafe()
    for (const id of ids) if (runtimes.leave(id)) note(id, null, now)
  }

  return {
    join: (ids) => {
      const now = clock.currentTimeMillisUnsafe()
      for (const id of ids) {
        runtimes.join(id, now)
        note(id, "socket", now)
      }
      return () => leaveAll(ids)
    },
    beat: (id, via, now) => {
      if (runtimes.beat(id, via, now)) note(id, via, now)
    },
    here: (id) => runtimes.get(id)
  }
}

const readJournal = (store: JournalStore, pending: PendingNotes): Steps<"find" | "presence" | "recent"> => ({
  recent: (workspace, limit) =>
    Effect.map(store.recent(workspace, limit), (written) => {
      const all = new Map(written.map((entry) => [entry.id, entry]))
      for (const entry of pending.entries()) {
        if (entry.workspaceId !== workspace) continue
        const known = all.get(entry.id)
        all.set(entry.id, known === undefined ? entry : RequestJournal.mergeEntries(known, entry))
      }
      return [...all.values()].toSorted(RequestJournal.newestFirst).slice(0, limit)
    }),
  find: (workspace, id) =>
    Effect.map(store.find(workspace, id), (written) => {
      const entry = pending.entry(id)
      if (entry === undefined || entry.workspaceId !== workspace) return written
      return Option.some(Option.isSome(written) ? RequestJournal.mergeEntries(written.value, entry) : entry)
    }),
  presence: (runtime) =>
    Effect.map(store.heard(runtime), (written) => {
      const note = pending.presence(runtime)
      if (note === undefined) return written
      return Option.some(Option.isSome(written) && written.value.since > note.since ? written.value : note)
    })
})

/** Writes pending notes each `writeEvery` until the scope ends, and once more then. A failed write is tried again. */
const writePending = Effect.fnUntraced(function*(store: JournalStore, pending: PendingNotes) {
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
  readonly #entries = new Map<Request.RequestId, RequestJournal.JournalEntry>()
  readonly #presence = new Map<Runtime.RuntimeId, RequestJournal.Presence>()

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#presence.size === 0
  }

  addEntry(entry: RequestJournal.JournalEntry): void {
    const known = this.#entries.get(entry.id)
    put(
      this.#entries,
      entry.id,
      known === undefined ? entry : RequestJournal.mergeEntries(known, entry),
      maxPending.entries
    )
  }

  addPresence(note: RequestJournal.Presence): void {
    put(
      this.#presence,
      note.runtimeId,
      RequestJournal.laterPresence(this.#presence.get(note.runtimeId), note),
      maxPending.heard
    )
  }

  /** Removes and returns the oldest notes, as many as one statement writes. */
  take(): RequestJournal.JournalNotes {
    return { entries: takeFrom(this.#entries, batch.entries), heard: takeFrom(this.#presence, batch.heard) }
  }

  /** Keeps notes that could not be written for the next write. */
  putBack({ entries, heard }: RequestJournal.JournalNotes): void {
    for (const entry of entries) this.addEntry(entry)
    for (const note of heard) this.addPresence(note)
  }

  entries(): Iterable<RequestJournal.JournalEntry> {
    return this.#entries.values()
  }

  entry(id: Request.RequestId): RequestJournal.JournalEntry | undefined {
    return this.#entries.get(id)
  }

  presence(id: Runtime.RuntimeId): RequestJournal.Presence | undefined {
    return this.#presence.get(id)
  }
}
