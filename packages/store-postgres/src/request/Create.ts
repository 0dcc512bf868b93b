import { Request, RequestStore } from "@muster/domain"
import { Effect, Result, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { rowsOf } from "../client/Rows.ts"
import { jsonOf, requestOf, RequestRow, textOf } from "./RequestRow.ts"

/** One call of `create`, with the id of its request if it is made, and the caller's time. */
export interface Creation {
  readonly input: RequestStore.NewRequest
  /** The input's payload at the time of the call. */
  readonly payload: string
  readonly id: Request.RequestId
  readonly now: number
}

export type Created = Result.Result<
  { readonly request: Request.Request; readonly created: boolean },
  RequestStore.RequestConflict | RequestStore.RequestsFull
>

/** The unfinished request that prevents one; no row: too many wait. */
const Standing = Schema.Union([
  Schema.Struct({ place: Schema.Finite, ...RequestRow.fields }),
  Schema.Struct({ place: Schema.Finite, id: Schema.Null })
])

const standings = rowsOf(Standing)

const itemOf = ({ id, input, now, payload }: Creation, place: number) => {
  const { admission, deliveries, pending, redeliverAfter, retention, running } = input.kind.terms
  return {
    place,
    id,
    runtime_id: input.runtimeId,
    kind: input.kind.name,
    most: admission._tag === "Many" ? admission.max : null,
    now,
    pending,
    running,
    retention,
    redeliver_after: redeliverAfter,
    deliveries,
    asked_by: input.by,
    payload,
    terms: textOf(input.kind.terms)
  }
}

/** The error of a call whose request was not made. */
const refused = ({ input, now }: Creation, standing: typeof Standing.Type): Created => {
  const { admission } = input.kind.terms
  if (standing.id === null) {
    const max = admission._tag === "Many" ? admission.max : 1
    return Result.fail(new RequestStore.RequestsFull({ kind: input.kind.name, max }))
  }
  const request = requestOf(standing, now)
  return admission._tag === "Exclusive"
    ? Result.fail(new RequestStore.RequestConflict({ id: request.id, text: admission.conflict }))
    : Result.succeed({ request, created: false })
}

/** As a read returns it. */
const made = ({ id, input, now, payload }: Creation): Created =>
  Result.succeed({ request: Request.make({ ...input, id, payload: jsonOf(payload), now }), created: true })

/** How many expired rows each new request removes: more than one, so that the table shrinks in any stream. */
const sweptPerRequest = 16

/** Makes all of them, in order, in one statement. */
export const createRequests = Effect.fnUntraced(
  function*(sql: SqlClient.SqlClient, creations: ReadonlyArray<Creation>) {
    const runtimes = arrayOf(creations.map(({ input }) => input.runtimeId))
    const items = JSON.stringify(creations.map(itemOf))
    const sweep = sweptPerRequest * creations.length
    const statement = sql`
      SELECT place, (stands).* FROM muster_create_requests(${runtimes}::text[], ${items}::json, ${sweep})`
    const rows = yield* standings.all(statement.withoutTransform)
    const standing = new Map(rows.map((row) => [row.place, row]))
    return creations.map((creation, place) => {
      const row = standing.get(place)
      return row === undefined ? made(creation) : refused(creation, row)
    })
  }
)
