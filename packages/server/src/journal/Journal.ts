import {
  type JournalEntry,
  maxJournalError,
  mergeEntries,
  newestFirst,
  type Request,
  type RequestId,
  RequestJournal,
  type RuntimeId,
  type StoreUnavailable,
  type Transport,
  type Whereabouts,
  type WorkspaceId
} from "@muster/domain"
import { Clock, Context, Effect, Fiber, Layer, Option, Schedule, type Scope } from "effect"
import { makeUpkeep } from "../condition/upkeep.ts"
import { type HeardHere, HeardRuntimes } from "./HeardHere.ts"
import { Notes } from "./Notes.ts"
import { ReplicaName } from "./ReplicaName.ts"

/** How often what was noted is written, in one statement. */
const every = "1 second"

/** How long the last write of a server that stops may take. */
const lastWords = "500 millis"

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

/**
 * What happens to requests, noted on the way and written beside it: a note costs its maker a change in a bounded map,
 * never a wait, and never fails. What waits to be written is read as if it were.
 */
export class Journal extends Context.Service<Journal, {
  readonly created: (workspace: WorkspaceId, request: Request) => Effect.Effect<void>
  /** Handed out just now. Unknown workspace: not noted. */
  readonly delivered: (
    workspace: WorkspaceId | undefined,
    requests: ReadonlyArray<Request>,
    via: Transport
  ) => Effect.Effect<void>
  /** Settled by a report. */
  readonly settled: (workspace: WorkspaceId, request: Request) => Effect.Effect<void>
  /** Runtimes are heard over a socket here until the scope ends. */
  readonly join: (runtimes: ReadonlyArray<RuntimeId>) => Effect.Effect<void, never, Scope.Scope>
  /** A beat at `now` (epoch ms). */
  readonly beat: (runtime: RuntimeId, via: Transport, now: number) => void
  readonly replica: string
  readonly recent: (
    workspace: WorkspaceId,
    most: number
  ) => Effect.Effect<ReadonlyArray<JournalEntry>, StoreUnavailable>
  readonly find: (workspace: WorkspaceId, id: RequestId) => Effect.Effect<Option.Option<JournalEntry>, StoreUnavailable>
  readonly heard: (runtime: RuntimeId) => Effect.Effect<Option.Option<Whereabouts>, StoreUnavailable>
  readonly here: (runtime: RuntimeId) => HeardHere | undefined
}>()("@muster/server/journal/Journal") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const store = yield* RequestJournal
      const replica = yield* ReplicaName
      const upkeep = yield* makeUpkeep
      const notes = new Notes()
      const runtimes = new HeardRuntimes()

      const hear = (runtimeId: RuntimeId, via: Transport | null, since: number) =>
        notes.hear({ runtimeId, on: replica, via, since })

      const flush = Effect.suspend(() => {
        if (notes.isEmpty) return Effect.void
        const taken = notes.take()
        return upkeep(
          "the writing of the journal",
          Effect.onError(store.write(taken), () => Effect.sync(() => notes.putBack(taken)))
        )
      })
      // In a fibre of its own: the one that ends the server could not be held to a deadline.
      yield* Effect.addFinalizer(() =>
        Effect.flatMap(Effect.forkDetach(Effect.timeoutOption(flush, lastWords)), Fiber.await)
      )
      yield* Effect.forkScoped(Effect.schedule(flush, Schedule.spaced(every)))

      return Journal.of({
        replica,
        created: (workspace, request) =>
          Effect.sync(() => notes.note({ ...entryOf(workspace, request), createdOn: replica })),
        delivered: (workspace, requests, via) =>
          workspace === undefined ? Effect.void : Effect.sync(() => {
            for (const request of requests) {
              const { state } = request
              if (state._tag !== "Running") continue
              notes.note({ ...entryOf(workspace, request), deliveries: [{ at: state.deliveredAt, via, on: replica }] })
            }
          }),
        settled: (workspace, request) =>
          Effect.sync(() => {
            const { state, updatedAt } = request
            if (state._tag !== "Completed" && state._tag !== "Failed") return
            const error = state._tag === "Failed" ? { error: state.error.slice(0, maxJournalError) } : {}
            const how = state._tag === "Completed" ? "completed" : "failed"
            notes.note({ ...entryOf(workspace, request), end: { how, at: updatedAt, on: replica, ...error } })
          }),

        join: (ids) =>
          Effect.acquireRelease(
            Effect.map(Clock.currentTimeMillis, (now) => {
              for (const id of ids) {
                runtimes.join(id, now)
                hear(id, "socket", now)
              }
            }),
            () =>
              Effect.map(Clock.currentTimeMillis, (now) => {
                for (const id of ids) {
                  if (runtimes.leave(id)) hear(id, null, now)
                }
              })
          ),
        beat: (id, via, now) => {
          if (runtimes.beat(id, via, now)) hear(id, via, now)
        },
        here: (id) => runtimes.get(id),

        recent: (workspace, most) =>
          Effect.map(store.recent(workspace, most), (written) => {
            const all = new Map(written.map((entry) => [entry.id, entry]))
            for (const entry of notes.entries()) {
              if (entry.workspaceId !== workspace) continue
              const known = all.get(entry.id)
              all.set(entry.id, known === undefined ? entry : mergeEntries(known, entry))
            }
            return [...all.values()].toSorted(newestFirst).slice(0, most)
          }),
        find: (workspace, id) =>
          Effect.map(store.find(workspace, id), (written) => {
            const noted = notes.entry(id)
            if (noted === undefined || noted.workspaceId !== workspace) return written
            return Option.some(Option.isSome(written) ? mergeEntries(written.value, noted) : noted)
          }),
        heard: (runtime) =>
          Effect.map(store.heard(runtime), (written) => {
            const noted = notes.heard(runtime)
            if (noted === undefined) return written
            return Option.some(Option.isSome(written) && written.value.since > noted.since ? written.value : noted)
          })
      })
    })
  )
}
