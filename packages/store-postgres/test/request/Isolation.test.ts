import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Kinds, Runtime, Uuid } from "@muster/domain"
import { PostgresClient } from "@muster/store-postgres"
import { freshDatabase } from "@muster/store-suite"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { twoNodesOn } from "./Nodes.ts"

const rounds = 10

describe("a database whose owner changed the default isolation", () => {
  it.effect("R-16 two nodes asked concurrently share one request, and R-06 one of them claims it", () =>
    Effect.gen(function*() {
      const url = yield* freshDatabase
      const sql = Context.get(
        yield* Layer.build(Layer.orDie(PostgresClient.layer({ url, maxConnections: 1 }))),
        SqlClient.SqlClient
      )
      const [database] = yield* sql<{ readonly name: string }>`SELECT current_database() AS name`
      yield* sql`ALTER DATABASE ${sql(database!.name)} SET default_transaction_isolation = 'repeatable read'`
      const { a, b } = yield* twoNodesOn(url)
      for (let round = 0; round < rounds; round++) {
        const runtimeId = Runtime.RuntimeId.make(yield* Uuid.random)
        const asked = yield* Effect.forEach(
          [a, b],
          (node) => node.create({ kind: Kinds.ModelList, runtimeId, payload: {}, by: null }),
          { concurrency: "unbounded" }
        )
        const ids = new Set(asked.map(({ request }) => request.id))
        strictEqual(ids.size, 1)
        const claimed = yield* Effect.forEach(
          [a, b],
          (node) => node.claim(runtimeId, [{ kind: Kinds.ModelList.name, max: 1 }]),
          { concurrency: "unbounded" }
        )
        deepStrictEqual(claimed.flat().map(({ id }) => id), [...ids])
      }
    }))
})
