import type { Request, RequestStore, Runtime } from "@muster/domain"
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { rowsOf } from "../client/Rows.ts"
import { requestOf, RequestRow } from "./RequestRow.ts"

/** One call of `claim`, with the caller's time. */
export interface Claim {
  readonly runtime: Runtime.RuntimeId
  readonly wanted: ReadonlyArray<RequestStore.Wanted>
  readonly now: number
}

const claimed = rowsOf(Schema.Struct({ place: Schema.Finite, ...RequestRow.fields }))

/** Takes what all calls want, in order, in one statement. */
export const claimRequests = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, claims: ReadonlyArray<Claim>) {
  // A place for each wanted kind, in the order of the calls.
  const places = claims.flatMap((claim, call) => claim.wanted.map((wanted) => ({ call, claim, wanted })))
  const items = JSON.stringify(places.map(({ claim, wanted }, place) => ({
    place,
    runtime_id: claim.runtime,
    kind: wanted.kind,
    most: wanted.max,
    now: claim.now
  })))
  const runtimes = arrayOf(claims.map(({ runtime }) => runtime))
  const rows = yield* claimed.all(
    sql`
    SELECT place, (claimed).* FROM muster_claim_requests(${runtimes}::text[], ${items}::json)`.withoutTransform
  )
  const answers: ReadonlyArray<Array<Request.Request>> = claims.map(() => [])
  for (const row of rows.toSorted((a, b) => a.place - b.place || a.seq - b.seq)) {
    const { call, claim } = places[row.place]!
    answers[call]!.push(requestOf(row, claim.now))
  }
  return answers
})
