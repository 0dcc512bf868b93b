import { assert, describe, it } from "@effect/vitest"
import { assertInclude, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Migrations, PostgresClient } from "@muster/store-postgres"
import { freshDatabase } from "@muster/store-suite"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { migrations } from "../src/migrations/Migrations.ts"

/** A replica's client, on an empty database. */
const database = Effect.map(freshDatabase, (url) => PostgresClient.layer({ url, maxConnections: 2 }))

type Replica = ReturnType<typeof PostgresClient.layer>

const start = (replica: Replica) => Layer.build(Layer.fresh(Layer.provideMerge(Migrations.layer, replica)))

const tables = (sql: SqlClient.SqlClient) =>
  Effect.map(
    sql<{ readonly name: string }>`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
    (rows) => rows.map(({ name }) => name)
  )

const applied = (sql: SqlClient.SqlClient) =>
  Effect.map(
    sql<{ readonly id: number }>`SELECT id FROM muster_migrations ORDER BY id`,
    (rows) => rows.map(({ id }) => id)
  )

describe("migrations", () => {
  it.effect("migrations update an empty database once, when three replicas start together", () =>
    Effect.gen(function*() {
      const replica = yield* database
      const contexts = yield* Effect.all([start(replica), start(replica), start(replica)], { concurrency: "unbounded" })
      for (const context of contexts) strictEqual(yield* Context.get(context, Migrations).done, true)
      const sql = Context.get(contexts[0]!, SqlClient.SqlClient)
      deepStrictEqual(yield* applied(sql), (yield* applied(sql)).map((_, i) => i + 1))
      assert.includeMembers([...yield* tables(sql)], ["users", "workspaces", "members", "tokens", "daemon_tokens"])
      assert.includeMembers([...yield* tables(sql)], ["runtimes", "runtime_tombstones"])
    }))

  it.effect("migrations are applied completely or not at all, and not again", () =>
    Effect.gen(function*() {
      const replica = yield* database
      const sql = Context.get(yield* Layer.build(replica), SqlClient.SqlClient)
      yield* sql`CREATE TABLE runtimes (in_the_way int)`
      strictEqual((yield* Effect.flip(start(replica)))._tag, "StoreUnavailable")
      deepStrictEqual(yield* tables(sql), ["runtimes"])
      yield* sql`DROP TABLE runtimes`
      yield* start(replica)
      const before = yield* applied(sql)
      const kept = yield* sql`INSERT INTO users VALUES (gen_random_uuid(), 'a', 'a', 0) RETURNING *`
      yield* start(replica)
      deepStrictEqual(yield* applied(sql), before)
      deepStrictEqual(yield* sql`SELECT * FROM users`, kept)
    }))

  it.effect("the schema check fails on a database without a schema", () =>
    Effect.gen(function*() {
      const replica = yield* database
      const context = yield* start(replica)
      yield* Context.get(context, SqlClient.SqlClient)`DROP TABLE muster_migrations`
      strictEqual(yield* Context.get(context, Migrations).done, false)
    }))

  it.effect("a database of a newer version is refused; a replica that was up to date stays ready", () =>
    Effect.gen(function*() {
      const replica = yield* database
      const context = yield* start(replica)
      yield* Context.get(context, SqlClient.SqlClient)`INSERT INTO muster_migrations VALUES (999, 'to come', 0)`
      const error = yield* Effect.flip(start(replica))
      strictEqual(error._tag, "SchemaTooNew")
      assertInclude(error.message, "its schema is 999, and this one knows up to ")
      strictEqual(yield* Context.get(context, Migrations).done, true)
    }))

  it.effect("F-34 migrations keep the requests of a database from before they were durable", () =>
    Effect.gen(function*() {
      const replica = yield* database
      const sql = Context.get(yield* Layer.build(replica), SqlClient.SqlClient)
      yield* sql`CREATE TABLE muster_migrations (id integer PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)`
      for (const { id, name, up } of migrations.slice(0, 5)) {
        yield* up(sql)
        yield* sql`INSERT INTO muster_migrations VALUES (${id}, ${name}, 0)`
      }
      const persistence = Effect.map(
        sql<{ readonly kind: string }>`SELECT DISTINCT relpersistence::text AS kind FROM pg_class
          WHERE relname LIKE 'requests%'`,
        (rows) => rows.map(({ kind }) => kind)
      )
      deepStrictEqual(yield* persistence, ["u"])
      const item = (id: string) =>
        JSON.stringify([
          Object.assign(
            { place: 0, id, runtime_id: id, kind: "update", now: 1, payload: "{}", terms: "{}", deliveries: 1 },
            { pending: 9, running: 9, retention: 9, redeliver_after: 9 }
          )
        ])
      const [first, second] = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"]
      yield* sql`SELECT muster_create_requests(ARRAY['r'], ${item(first)}::json, 0)`
      const kept = yield* sql`SELECT * FROM requests`
      yield* start(replica)
      deepStrictEqual(yield* persistence, ["p"])
      deepStrictEqual(yield* sql`SELECT * FROM requests`, kept)
      yield* sql`SELECT muster_create_requests(ARRAY['r'], ${item(second)}::json, 0)`
      deepStrictEqual(
        (yield* sql<{ readonly seq: number }>`SELECT seq FROM requests ORDER BY seq`).map(({ seq }) => seq),
        [1, 2]
      )
    }))
})
