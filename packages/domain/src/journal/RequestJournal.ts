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

/** What a replica noted since it last wrote. */
export interface JournalNotes {
  readonly entries: ReadonlyArray<JournalEntry>
  readonly heard: ReadonlyArray<Presence>
}

/**
 * What became of the last requests of each workspace, for people who wonder. No truth rests on it: notes may be lost, and
 * nobody waits for them.
 */
export class RequestJournal extends Context.Service<RequestJournal, {
  /**
   * Merges the notes with what is there (`mergeEntries`, `laterPresence`), in one statement. Keeps the last
   * `maxJournal` requests of each workspace, with one write's more until the next write. Notes of workspaces and runtimes
   * that are gone are left out. At most one note of each request and of each runtime.
   */
  readonly write: (notes: JournalNotes) => Effect.Effect<void, StoreUnavailable>
  /** Newest first, at most `most` (1 to `maxJournal`). */
  readonly recent: (
    workspace: WorkspaceId,
    most: number
  ) => Effect.Effect<ReadonlyArray<JournalEntry>, StoreUnavailable>
  /** None: never noted, no longer remembered, or another workspace's. */
  readonly find: (workspace: WorkspaceId, id: RequestId) => Effect.Effect<Option.Option<JournalEntry>, StoreUnavailable>
  /** None: nothing was noted of it. */
  readonly heard: (runtime: RuntimeId) => Effect.Effect<Option.Option<Presence>, StoreUnavailable>
}>()("@muster/domain/journal/RequestJournal") {}
