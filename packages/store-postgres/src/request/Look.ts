import { type Request, Runtime } from "@muster/domain"
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { rowsOf } from "../client/Rows.ts"
import { RequestRow } from "./RequestRow.ts"

const rows = rowsOf(RequestRow)

/** The rows of these requests, each as it was last written; undefined: none. One statement. */
export const findRequests = Effect.fnUntraced(
  function*(sql: SqlClient.SqlClient, ids: ReadonlyArray<Request.RequestId>) {
    const found = new Map(
      (yield* rows.all(sql`SELECT * FROM muster_get_requests(${arrayOf(ids)}::uuid[])`.withoutTransform))
        .map((row) => [row.id.replaceAll("-", ""), row])
    )
    return ids.map((id) => found.get(id))
  }
)

/** One call of `waiting`, with the caller's time. */
export interface Probe {
  readonly runtime: Runtime.RuntimeId
  readonly now: number
}

const lanes = rowsOf(Schema.Struct({ runtime_id: Runtime.RuntimeId, kind: Schema.String }))

const none: ReadonlyArray<string> = []

/** The kinds that may have something to claim, for each of them. One statement. */
export const findWaiting = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, probes: ReadonlyArray<Probe>) {
  const moments = probes.map(({ now }) => now)
  const found = Map.groupBy(
    yield* lanes.all(
      sql`
      SELECT * FROM muster_waiting_requests(
        ${arrayOf(probes.map(({ runtime }) => runtime))}::uuid[], ${Math.min(...moments)}, ${Math.max(...moments)})`
        .withoutTransform
    ),
    ({ runtime_id }) => runtime_id
  )
  return probes.map(({ runtime }) => found.get(runtime)?.map(({ kind }) => kind) ?? none)
})
