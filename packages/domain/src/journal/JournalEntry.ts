import { Schema } from "effect"
import { UserId, WorkspaceId } from "../access/Identity.ts"
import { RequestId } from "../request/RequestId.ts"
import { RuntimeId } from "../runtime/Runtime.ts"
import { Transport } from "../runtime/Transport.ts"

/** The name of a replica, 1 to 200 characters. */
export const ReplicaName = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(200))

/** One delivery of a request to its daemon. Times are epoch ms. */
export const Delivery = Schema.Struct({
  at: Schema.Finite,
  via: Transport,
  /** The replica that delivered it. */
  on: ReplicaName
})
export type Delivery = typeof Delivery.Type

/** A report that settled a request. A timeout has no entry: it follows from the times. */
export const JournalEnd = Schema.Struct({
  how: Schema.Literals(["completed", "failed"]),
  at: Schema.Finite,
  on: ReplicaName,
  /** Why it failed, at most `maxError` characters. */
  error: Schema.optionalKey(Schema.String)
})
export type JournalEnd = typeof JournalEnd.Type

/** What happened to one request, without its payload and result. */
export const JournalEntry = Schema.Struct({
  id: RequestId,
  workspaceId: WorkspaceId,
  runtimeId: RuntimeId,
  /** The name that the runtime had when this was noted; null: not known. */
  runtimeName: Schema.NullOr(Schema.String),
  kind: Schema.String,
  by: Schema.NullOr(UserId),
  createdAt: Schema.Finite,
  /** The replica that received the request; null: its note was lost. */
  createdOn: Schema.NullOr(ReplicaName),
  /** Oldest first; at most `maxDeliveries`, the last ones. */
  deliveries: Schema.Array(Delivery),
  end: Schema.NullOr(JournalEnd)
})
export type JournalEntry = typeof JournalEntry.Type

/** How many requests of a workspace are kept. */
export const maxJournal = 100

export const maxDeliveries = 10

export const maxError = 500

const deliveriesOf = (notes: ReadonlyArray<Delivery>): ReadonlyArray<Delivery> =>
  [...new Map(notes.map((note) => [`${note.at} ${note.on}`, note])).values()]
    .toSorted((a, b) => a.at - b.at).slice(-maxDeliveries)

/** Merges two notes of one request, in any order. Merging the same note twice changes nothing. */
export const mergeEntries = (a: JournalEntry, b: JournalEntry): JournalEntry => ({
  ...a,
  runtimeName: a.runtimeName ?? b.runtimeName,
  createdOn: a.createdOn ?? b.createdOn,
  deliveries: deliveriesOf([...a.deliveries, ...b.deliveries]),
  end: a.end ?? b.end
})

/** Newest first; notes of the same moment have a fixed order. */
export const newestFirst = (a: JournalEntry, b: JournalEntry): number =>
  b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)
