import { Context, type Effect, type Option } from "effect"
import type { WorkspaceId } from "../access/Identity.ts"
import type { RequestId } from "../request/RequestId.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { JournalEntry } from "./JournalEntry.ts"
import type { Presence } from "./Presence.ts"

export * from "./asRequest.ts"
export * from "./explain.ts"
export * from "./Explanation.ts"
export * from "./JournalEntry.ts"
export * from "./Presence.ts"

/** What a replica recorded since its last write. */
export interface JournalNotes {
  readonly entries: ReadonlyArray<JournalEntry>
  readonly heard: ReadonlyArray<Presence>
}

/**
 * The history of the last requests of each workspace, for people who want to know why. Nothing depends on it: notes may
 * be lost, and no operation waits for them.
 */
export class RequestJournal extends Context.Service<RequestJournal, {
  /**
   * Merges the notes with the stored ones (`mergeEntries`, `laterPresence`), in one statement. Keeps the last
   * `maxJournal` requests of each workspace, plus those of one write until the next write. Skips notes of workspaces
   * and runtimes that are gone. At most one note of each request and of each runtime.
   */
  readonly write: (notes: JournalNotes) => Effect.Effect<void, StoreUnavailable>
  /** Newest first, at most `max` (1 to `maxJournal`). */
  readonly recent: (
    workspace: WorkspaceId,
    max: number
  ) => Effect.Effect<ReadonlyArray<JournalEntry>, StoreUnavailable>
  /** None: never recorded, no longer kept, or another workspace's. */
  readonly find: (workspace: WorkspaceId, id: RequestId) => Effect.Effect<Option.Option<JournalEntry>, StoreUnavailable>
  /** None: nothing was recorded. */
  readonly heard: (runtime: RuntimeId) => Effect.Effect<Option.Option<Presence>, StoreUnavailable>
}>()("@muster/domain/journal/RequestJournal") {}
