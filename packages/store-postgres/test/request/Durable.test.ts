import { layer } from "@effect/vitest"
import { assertDefined, deepStrictEqual } from "@effect/vitest/utils"
import { Kinds, type Request, Runtime, Uuid } from "@muster/domain"
import { PostgresClient } from "@muster/store-postgres"
import { freshDatabaseOn, PostgresServer } from "@muster/store-suite"
import { Context, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { twoNodesOn } from "./Nodes.ts"

const done: Request.Outcome = { _tag: "Completed", result: {} }

/** A database whose owner wants no commit to wait for the disk. */
const hasty = Effect.gen(function*() {
  const { url } = yield* PostgresServer
  const database = yield* freshDatabaseOn(url)
  const client = Layer.orDie(PostgresClient.layer({ url: database, maxConnections: 1 }))
  const sql = Context.get(yield* Layer.build(client), SqlClient.SqlClient)
  const [row] = yield* sql<{ readonly name: string }>`SELECT current_database() AS name`
  yield* sql`ALTER DATABASE ${sql(row!.name)} SET synchronous_commit = off`
  return database
})

layer(PostgresServer.layer, { timeout: "60 seconds" })("a PostgreSQL that is killed", (it) => {
  it.effect(
    "F-34 right after the acknowledgement of a create, a claim or a settle, a restarted server has it",
    () =>
      Effect.gen(function*() {
        const server = yield* PostgresServer
        const { a, b } = yield* twoNodesOn(yield* hasty)
        const runtimeId = Runtime.RuntimeId.make(yield* Uuid.random)
        const crash = Effect.andThen(server.kill, server.start)
        const wanted = [{ kind: Kinds.Update.name, max: 1 }]

        const { request: { id } } = yield* a.create({ kind: Kinds.Update, runtimeId, payload: {}, by: null })
        const state = Effect.map(b.get(runtimeId, id), (found) => Option.getOrUndefined(found)?.state._tag)
        yield* crash
        deepStrictEqual(yield* state, "Pending")

        const [claimed] = yield* a.claim(runtimeId, wanted)
        assertDefined(claimed)
        yield* crash
        deepStrictEqual(yield* state, "Running")
        // An update is delivered once.
        deepStrictEqual(yield* b.claim(runtimeId, wanted), [])

        yield* a.settle(runtimeId, id, done)
        yield* crash
        deepStrictEqual(yield* state, "Completed")
      }),
    60_000
  )

  it.effect(
    "F-34 R-07 once a limit was reported as passed, it has passed for a node with a slower clock too",
    () =>
      Effect.gen(function*() {
        const server = yield* PostgresServer
        const { a, b } = yield* twoNodesOn(yield* hasty)
        const runtimeId = Runtime.RuntimeId.make(yield* Uuid.random)
        const { request: { id } } = yield* a.create({ kind: Kinds.Ping, runtimeId, payload: {}, by: null })
        yield* TestClock.setTime(Kinds.Ping.terms.pending + 1)
        deepStrictEqual(Option.getOrUndefined(yield* a.get(runtimeId, id))?.state._tag, "TimedOut")
        yield* Effect.andThen(server.kill, server.start)
        yield* TestClock.setTime(Kinds.Ping.terms.pending - 1)
        deepStrictEqual((yield* b.settle(runtimeId, id, done))._tag, "AlreadySettled")
      }),
    60_000
  )
})
