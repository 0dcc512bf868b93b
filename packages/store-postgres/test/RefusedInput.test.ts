import { assert, describe, it } from "@effect/vitest"
import { Identity, Uuid } from "@muster/domain"
import { Migrations, PgliteClient } from "@muster/store-postgres"
import { shared, storeNode } from "@muster/store-suite"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { asOperation } from "../src/client/Operation.ts"
import { pgliteInMemory } from "./PgliteBackend.ts"
import { stores } from "./Stores.ts"

const database = shared(pgliteInMemory)

const scene = Effect.gen(function*() {
  const context = yield* Layer.build(PgliteClient.layerOn(yield* database))
  const client = Layer.succeedContext(context)
  yield* Layer.build(Layer.provide(Migrations.layer, client))
  const node = yield* storeNode(Layer.provide(stores, client))
  return { ...node, sql: Context.get(context, SqlClient.SqlClient) }
})

describe("values that the database refuses", () => {
  it.effect("F-26 an error of classes 22, 23 and 54 is a refusal, every other one an outage", () =>
    Effect.gen(function*() {
      const { sql } = yield* scene
      const judged = (statement: string) =>
        Effect.map(Effect.flip(asOperation("Test.run")(sql.unsafe(statement))), (error) => [
          error._tag,
          error.refused === true,
          /SQLSTATE (\w+)/.exec(error.why)?.[1]
        ])
      assert.deepStrictEqual(yield* judged("SELECT 'x'::uuid"), ["StoreUnavailable", true, "22P02"])
      assert.deepStrictEqual(yield* judged("SELECT 99999999999::integer"), ["StoreUnavailable", true, "22003"])
      assert.deepStrictEqual(
        yield* judged("INSERT INTO members VALUES (gen_random_uuid(), gen_random_uuid(), 'owner', 0)"),
        [
          "StoreUnavailable",
          true,
          "23503"
        ]
      )
      const [, outage, code] = yield* judged("SELECT absent FROM absent")
      assert.deepStrictEqual([outage, code], [false, "42P01"])
      const [, late] = yield* judged("DO $$ BEGIN RAISE query_canceled; END $$")
      assert.isFalse(late)
    }))

  it.effect("F-26 a slug that no index can hold is refused, and the store reports why", () =>
    Effect.gen(function*() {
      const { access } = yield* scene
      const { id: owner } = yield* access.ensureUser("ana@example.org", "Ana")
      const ids = yield* Effect.all(Array.from({ length: 5_000 }, () => Uuid.random))
      const error = yield* Effect.flip(access.createWorkspace({
        name: "a",
        slug: ids.join(""),
        description: null,
        context: null,
        issuePrefix: "A",
        owner: Identity.UserId.make(owner)
      }))
      assert.deepStrictEqual(
        error._tag === "StoreUnavailable" ? [error.refused, error.why] : error,
        [true, "the database does not take a value of it (SQLSTATE 54000)"]
      )
    }))
})
