import { Identity, Request, type RequestKind, Runtime } from "@muster/domain"
import { Schema } from "effect"

/** A row of `requests`, as far as a record needs it, with the table's column names (`withoutTransform`). */
export const RequestRow = Schema.Struct({
  /** A UUID in PostgreSQL, which stores its 16 bytes. */
  id: Schema.String,
  seq: Schema.Finite,
  runtime_id: Runtime.RuntimeId,
  kind: Schema.String,
  open: Schema.Boolean,
  created_at: Schema.Finite,
  started_at: Schema.NullOr(Schema.Finite),
  delivered_at: Schema.NullOr(Schema.Finite),
  settled_at: Schema.NullOr(Schema.Finite),
  deliveries: Schema.Finite,
  asked_by: Schema.NullOr(Identity.UserId),
  payload: Schema.String,
  terms: Schema.String,
  outcome: Schema.NullOr(Schema.String)
})
export type RequestRow = typeof RequestRow.Type

/** Text that PostgreSQL cannot store (NUL, unpaired surrogates) is escaped as JSON text. */
export const textOf = (value: Request.Json | RequestKind.Terms | Request.Outcome): string => JSON.stringify(value)

const stateOf = ({ delivered_at, deliveries, outcome, started_at }: RequestRow): Request.Request["state"] => {
  if (outcome !== null) return JSON.parse(outcome) as Request.Outcome
  return started_at === null || delivered_at === null
    ? { _tag: "Pending" }
    : { _tag: "Running", startedAt: started_at, deliveredAt: delivered_at, deliveries }
}

const hyphens = /-/g

/** Reverses that. Only for this store's own texts. */
export const jsonOf = (text: string): Request.Json => JSON.parse(text)

/** The record as it was last written. */
const writtenOf = (row: RequestRow): Request.Request => ({
  id: Request.RequestId.make(row.id.replace(hyphens, "")),
  runtimeId: row.runtime_id,
  kind: row.kind,
  payload: jsonOf(row.payload),
  terms: JSON.parse(row.terms) as RequestKind.Terms,
  by: row.asked_by,
  state: stateOf(row),
  createdAt: row.created_at,
  updatedAt: row.settled_at ?? row.delivered_at ?? row.created_at
})

/** The record with its limits applied at `now`; one that was closed without an outcome timed out for any `now`. */
export const requestOf = (row: RequestRow, now: number): Request.Request =>
  Request.elapse(writtenOf(row), row.open ? now : Infinity)

/** The same unless it is past its retention. */
export const keptOf = (row: RequestRow, now: number): Request.Request | undefined => {
  const request = requestOf(row, now)
  return Request.expiryOf(request) < now ? undefined : request
}
