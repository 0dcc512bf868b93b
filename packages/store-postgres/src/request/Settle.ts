import type { Request, RequestStore, Runtime } from "@muster/domain"
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { rowsOf } from "../client/Rows.ts"
import { keptOf, RequestRow } from "./RequestRow.ts"

/** One call of `settle`, with the caller's time. */
export interface Report {
  readonly runtime: Runtime.RuntimeId
  readonly id: Request.RequestId
  /** The text of the outcome at the time of the call. Null: only closes it if its limit has passed. */
  readonly outcome: string | null
  readonly now: number
}

const finals = rowsOf(Schema.Struct({ place: Schema.Finite, won: Schema.Boolean, ...RequestRow.fields }))

const absent: RequestStore.Settled = { _tag: "Absent" }

const settledOf = (won: boolean, request: Request.Request | undefined): RequestStore.Settled => {
  if (request === undefined) return absent
  return won ? { _tag: "Settled", request } : { _tag: "AlreadySettled", request }
}

/** Settles all of them, in order, in one statement. */
export const settleRequests = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, reports: ReadonlyArray<Report>) {
  const runtimes = arrayOf(reports.map(({ runtime }) => runtime))
  const items = JSON.stringify(reports.map(({ id, now, outcome, runtime }, place) => ({
    place,
    id,
    runtime_id: runtime,
    outcome,
    now
  })))
  const rows = yield* finals.all(
    sql`
    SELECT place, won, (final).* FROM muster_settle_requests(${runtimes}::text[], ${items}::json)`.withoutTransform
  )
  const found = new Map(rows.map((row) => [row.place, row]))
  return reports.map(({ now }, place) => {
    const row = found.get(place)
    return row === undefined ? absent : settledOf(row.won, keptOf(row, now))
  })
})
