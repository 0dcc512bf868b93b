import { Context, type Effect } from "effect"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { AuditEvent } from "./AuditEvent.ts"
import type { AuditCursor, AuditFilter } from "./AuditFilter.ts"

export * from "./AuditAction.ts"
export * from "./AuditEvent.ts"
export * from "./AuditFilter.ts"

/** The maximum number of events of one `append`, and of one `page`. */
export const maxAuditBatch = 500

/** The maximum number of events that one `prune` removes. */
export const maxAuditPrune = 10_000

/** How long events are kept unless configured otherwise, in days. */
export const defaultAuditDays = 90

/**
 * What was changed, by whom and from where. Events are never changed. Times come from the events, so the log does not
 * depend on the store's clock. An event outlives its workspace, its actor and its target.
 */
export class AuditLog extends Context.Service<AuditLog, {
  /** Adds events, at most `maxAuditBatch`, in one statement. Skips an event whose id exists already. */
  readonly append: (events: ReadonlyArray<AuditEvent>) => Effect.Effect<void, StoreUnavailable>
  /**
   * Returns the events that match the filter (`matchesAudit`), newest first, at most `max` (1 to `maxAuditBatch`);
   * with a cursor, only older ones.
   */
  readonly page: (
    filter: AuditFilter,
    cursor: AuditCursor | undefined,
    max: number
  ) => Effect.Effect<ReadonlyArray<AuditEvent>, StoreUnavailable>
  /** Removes the oldest events from before `before` (epoch ms), at most `maxAuditPrune`. Returns how many. */
  readonly prune: (before: number) => Effect.Effect<number, StoreUnavailable>
}>()("@muster/domain/audit/AuditLog") {}
