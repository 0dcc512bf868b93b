import { Context, type Effect } from "effect"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { Body, Sent, TaskEvent } from "./TaskEvent.ts"
import type { Held } from "./TaskQueue.ts"
import type { TaskId } from "./TaskRecord.ts"

/** What became of an append. */
export type Appended =
  /** Accepted; `next` is the sequence number that the store expects next of this claim. */
  | { readonly _tag: "Appended"; readonly next: number }
  /** There is a hole before the first event: nothing was stored. Send again from `expected`. */
  | { readonly _tag: "Gap"; readonly expected: number }
  | { readonly _tag: "Superseded" }
  /** The task has ended: nothing was stored, and nothing will be. */
  | { readonly _tag: "Closed" }
  | { readonly _tag: "Absent" }

/** A part of a log. */
export interface Slice {
  readonly events: ReadonlyArray<TaskEvent>
  /** The offset of the last event of the whole log; 0: it is empty. */
  readonly last: number
  /** The offset of the first event that is still kept; `last + 1`: none is. */
  readonly first: number
}

/**
 * The logs of tasks: append-only, numbered by the store over all claims of a task. Every operation is one atomic step. A
 * reader never slows a writer.
 */
export class TaskLog extends Context.Service<TaskLog, {
  /**
   * Events of one claim in the order of their `seq`, without holes between them. Those that were stored already are
   * ignored; an append that begins after the expected number is a `Gap`. Events beyond the bounds of a log
   * (`TaskEvent.isStored`) count as accepted and are not stored.
   */
  readonly append: (held: Held, events: ReadonlyArray<Sent>) => Effect.Effect<Appended, StoreUnavailable>
  /**
   * Events of the present claim without sequence numbers, in the order of arrival: of a daemon that does not number
   * them (v0.3.1). Also accepted for `times.lateEvents` after the end, since such a daemon's last messages may follow it.
   */
  readonly appendUnnumbered: (
    held: Held,
    events: ReadonlyArray<{ readonly at: number; readonly body: Body }>
  ) => Effect.Effect<Appended, StoreUnavailable>
  /** Events after an offset, at most `max` (1 to 1,000) and about 1 MiB, at least one if there is any. */
  readonly read: (id: TaskId, after: number, max: number) => Effect.Effect<Slice, StoreUnavailable>
}>()("@muster/domain/task/TaskLog") {}
