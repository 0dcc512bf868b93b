import { Request, RequestStore, type Runtime } from "@muster/domain"
import { spanIfTraced } from "@muster/kit"
import { Clock, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { makeBatcher } from "../client/Batcher.ts"
import { asOperation } from "../client/Operation.ts"
import { claimRequests } from "./Claim.ts"
import { createRequests } from "./Create.ts"
import { findRequests, findWaiting } from "./Look.ts"
import { keptOf, type RequestRow, textOf } from "./RequestRow.ts"
import { settleRequests } from "./Settle.ts"

/**
 * The maximum number of calls in one statement: the number of locks at a time, and half a megabyte of ordinary
 * requests.
 */
const max = 100

const asCreate = spanIfTraced("RequestStore.create")
const asGet = spanIfTraced("RequestStore.get")
const asWaiting = spanIfTraced("RequestStore.waiting")
const asClaim = spanIfTraced("RequestStore.claim")
const asSettle = spanIfTraced("RequestStore.settle")

const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  /** Calls of one operation, made one statement at a time. */
  const batched = <In, Out, E>(
    operation: string,
    run: (sql: SqlClient.SqlClient, inputs: ReadonlyArray<In>) => Effect.Effect<ReadonlyArray<Out>, E>,
    sizeOf?: (input: In) => number
  ) =>
    makeBatcher({
      operation,
      max,
      ...(sizeOf !== undefined && { sizeOf }),
      run: (inputs: ReadonlyArray<In>) => asOperation(operation)(run(sql, inputs))
    })

  const create = yield* batched("RequestStore.create", createRequests, ({ payload }) => payload.length)
  const find = yield* batched("RequestStore.get", findRequests)
  const probe = yield* batched("RequestStore.waiting", findWaiting)
  const claim = yield* batched("RequestStore.claim", claimRequests)
  const settle = yield* batched("RequestStore.settle", settleRequests, ({ outcome }) => outcome?.length ?? 0)

  /**
   * The record of a row. If its limit has passed and no row states it yet, that is written first: a request that timed
   * out for one node is not settled by a node with a slower clock. Such a read takes two deadlines at most.
   */
  const read = (row: RequestRow, runtime: Runtime.RuntimeId, id: Request.RequestId, now: number) => {
    const request = keptOf(row, now)
    if (request === undefined || !row.open || !Request.isTerminal(request)) return Effect.succeed(request)
    return Effect.map(
      settle({ runtime, id, outcome: null, now }),
      (answer) => answer._tag === "Absent" ? undefined : answer.request
    )
  }

  const look = (runtime: Runtime.RuntimeId, id: Request.RequestId, now: number) =>
    Effect.flatMap(find(id), (row) =>
      row === undefined || row.runtime_id !== runtime
        ? Effect.succeedNone
        : Effect.map(read(row, runtime, id, now), Option.fromUndefinedOr))

  return RequestStore.RequestStore.of({
    create: (input) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) =>
          Effect.flatMap(Request.randomId, (id) => asCreate(create({ input, payload: textOf(input.payload), id, now })))
      ).pipe(
        Effect.flatMap(Effect.fromResult)
      ),
    get: (runtime, id) => Effect.flatMap(Clock.currentTimeMillis, (now) => asGet(look(runtime, id, now))),
    waiting: (runtime) => Effect.flatMap(Clock.currentTimeMillis, (now) => asWaiting(probe({ runtime, now }))),
    claim: (runtime, wanted) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => asClaim(claim({ runtime, wanted, now }))),
    settle: (runtime, id, outcome) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => asSettle(settle({ runtime, id, outcome: textOf(outcome), now })))
  })
})

/**
 * Requests of every kind in PostgreSQL or PGlite. Requires the schema: build it after `Migrations`. Every operation is
 * one round trip, shared by the calls of this node that arrive while one runs; writers of one runtime are serialized on
 * all nodes, so every operation is atomic and reads see every acknowledged write.
 */
export const RequestStorePostgres = {
  layer: Layer.effect(RequestStore.RequestStore, make) satisfies Layer.Layer<
    RequestStore.RequestStore,
    never,
    SqlClient.SqlClient
  >
}
