import { PgClient, PgConnection } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { PgliteClient } from "@muster/store-postgres"
import { shared } from "@muster/store-suite"
import { Deferred, Effect, Exit, Fiber, Layer, Queue, Redacted, Scope, Stream } from "effect"
import type { Duplex } from "node:stream"
import { Bridge } from "../src/pglite/Bridge.ts"
import { pgliteInMemory } from "./PgliteBackend.ts"

const database = shared(pgliteInMemory)

const client = Effect.flatMap(database, (session) => Layer.build(PgliteClient.layerOn(session)))

/** Two clients on the one session, and an empty table `words`. */
const scene = Effect.gen(function*() {
  const [a, b] = yield* Effect.all([client, client])
  const sql = yield* Effect.provide(PgClient.PgClient, a)
  yield* sql`DROP TABLE IF EXISTS words`
  yield* sql`CREATE TABLE words (word text)`
  const words = Effect.map(
    sql<{ readonly word: string }>`SELECT word FROM words ORDER BY word`,
    (rows) => rows.map(({ word }) => word)
  )
  return { sql, other: yield* Effect.provide(PgClient.PgClient, b), words }
})

describe("the bridge to PGlite", () => {
  it.effect("commits a transaction completely, or rolls it back", () =>
    Effect.gen(function*() {
      const { sql, words } = yield* scene
      const two = Effect.andThen(sql`INSERT INTO words VALUES ('a')`, sql`INSERT INTO words VALUES ('b')`)
      yield* sql.withTransaction(two)
      yield* Effect.exit(sql.withTransaction(Effect.andThen(two, Effect.fail("no"))))
      deepStrictEqual(yield* words, ["a", "b"])
    }))

  it.effect("rolls a savepoint back without its transaction", () =>
    Effect.gen(function*() {
      const { sql, words } = yield* scene
      yield* sql.withTransaction(Effect.gen(function*() {
        yield* sql`INSERT INTO words VALUES ('kept')`
        yield* Effect.exit(sql.withTransaction(Effect.andThen(sql`DELETE FROM words`, Effect.fail("no"))))
        yield* Effect.exit(sql.withTransaction(sql`INSERT INTO nowhere VALUES (1)`))
        yield* sql`INSERT INTO words VALUES ('also')`
      }))
      deepStrictEqual(yield* words, ["also", "kept"])
    }))

  it.effect("a statement that arrives during a transaction waits for its end", () =>
    Effect.gen(function*() {
      const { other, sql, words } = yield* scene
      yield* other`SELECT 1`
      yield* Effect.exit(sql.withTransaction(Effect.gen(function*() {
        yield* sql`INSERT INTO words VALUES ('lost')`
        const coming = yield* Effect.forkDetach(other`INSERT INTO words VALUES ('kept')`, { startImmediately: true })
        deepStrictEqual(yield* sql`SELECT word FROM words`, [{ word: "lost" }])
        strictEqual(coming.pollUnsafe(), undefined)
        return yield* Effect.fail("no")
      })))
      // After the one that arrived before it.
      yield* other`SELECT 1`
      deepStrictEqual(yield* words, ["kept"])
    }))

  it.effect("keeps 200 concurrent transactions apart, and single statements out of them", () =>
    Effect.gen(function*() {
      const { other, sql } = yield* scene
      yield* sql`INSERT INTO words VALUES ('0')`
      // The maximum number of connections, so that they are concurrent.
      for (const { reserve } of [sql, other]) {
        yield* Effect.scoped(Effect.all(Array.from({ length: 16 }, () => reserve), { concurrency: "unbounded" }))
      }
      const increment = (sql: PgClient.PgClient) =>
        sql.withTransaction(Effect.gen(function*() {
          const [row] = yield* sql<{ readonly n: number }>`SELECT word::int AS n FROM words`
          yield* Effect.yieldNow
          yield* sql`UPDATE words SET word = ${String(row!.n + 1)}`
        }))
      /** A single statement never runs in a transaction that has written already. */
      const look = (sql: PgClient.PgClient) =>
        Effect.map(
          sql<{ readonly inside: boolean }>`SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS inside`,
          ([row]) => row!.inside
        )
      const looks = yield* Effect.all(
        Array.from({ length: 200 }, (_, i) =>
          Effect.all([increment(i % 2 === 0 ? sql : other), look(i % 3 === 0 ? sql : other)], {
            concurrency: "unbounded"
          })),
        { concurrency: "unbounded" }
      )
      deepStrictEqual(yield* sql`SELECT word FROM words`, [{ word: "200" }])
      assert.isFalse(looks.some(([, inside]) =>
        inside
      ))
    }))

  it.effect("delivers notifications to every listener, also to the others when one leaves", () =>
    Effect.gen(function*() {
      const { other, sql } = yield* scene
      const staying = yield* sql.listen("news")
      const scope = yield* Scope.make()
      const going = yield* Scope.provide(other.listen("news"), scope)
      yield* other.notify("news", "one")
      strictEqual((yield* Queue.take(staying)).payload, "one")
      strictEqual((yield* Queue.take(going)).payload, "one")
      yield* Scope.close(scope, Exit.void)
      yield* other.notify("news", "two")
      strictEqual((yield* Queue.take(staying)).payload, "two")
      deepStrictEqual(yield* sql`SELECT pg_listening_channels() AS channel`, [{ channel: "news" }])
    }))

  it.effect("a notification within a transaction arrives with its commit", () =>
    Effect.gen(function*() {
      const { other, sql } = yield* scene
      const inbox = yield* sql.listen("news")
      yield* Effect.exit(other.withTransaction(Effect.andThen(other`NOTIFY news, 'lost'`, Effect.fail("no"))))
      yield* other.withTransaction(other`NOTIFY news, 'kept'`)
      strictEqual((yield* Queue.take(inbox)).payload, "kept")
    }))

  it.effect("a client that is killed within a transaction is rolled back, and the next one is served", () =>
    Effect.gen(function*() {
      const { sql, words } = yield* scene
      const bridge = Bridge.of(yield* database)
      let socket: Duplex | undefined
      const victim = yield* PgConnection.make({
        username: "postgres",
        password: Redacted.make(""),
        stream: () => (socket = bridge.connect())
      })
      yield* victim.query("BEGIN")
      yield* victim.query("INSERT INTO words VALUES ('lost')")
      const waiting = yield* Effect.forkChild(sql`INSERT INTO words VALUES ('next')`, { startImmediately: true })
      socket!.destroy()
      yield* Fiber.join(waiting)
      deepStrictEqual(yield* words, ["next"])
    }))

  it.effect("an interrupted fiber rolls its transaction back", () =>
    Effect.gen(function*() {
      const { sql, words } = yield* scene
      const within = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(sql.withTransaction(Effect.gen(function*() {
        yield* sql`INSERT INTO words VALUES ('lost')`
        yield* Deferred.succeed(within, undefined)
        return yield* Effect.never
      })))
      yield* Deferred.await(within)
      yield* Fiber.interrupt(fiber)
      deepStrictEqual(yield* words, [])
    }))

  it.effect("keeps prepared statements as long as their connection, and no longer", () =>
    Effect.gen(function*() {
      const { sql } = yield* scene
      const kept = Effect.map(
        sql<{ readonly n: number }>`SELECT count(*) AS n FROM pg_prepared_statements`,
        ([row]) => row!.n
      )
      yield* kept
      const before = yield* kept
      yield* Effect.scoped(Effect.gen(function*() {
        const passing = yield* Effect.provide(PgClient.PgClient, yield* client)
        yield* passing`SELECT 1 AS one`
        yield* passing`SELECT 2 AS two`
        strictEqual(yield* kept, before + 2)
      }))
      strictEqual(yield* kept, before)
    }))

  it.effect("an error has its message, and the connection continues", () =>
    Effect.gen(function*() {
      const { sql, words } = yield* scene
      yield* sql`CREATE UNIQUE INDEX ON words (word)`
      yield* sql`INSERT INTO words VALUES ('a')`
      const errors = yield* Effect.forEach(
        [sql`INSERT INTO words VALUES ('a')`, sql`SELEC 1`],
        (statement) => Effect.flip(statement)
      )
      deepStrictEqual(errors.map(({ reason }) => reason._tag), ["UniqueViolation", "SqlSyntaxError"])
      deepStrictEqual(yield* words, ["a"])
    }))

  it.effect("carries a megabyte in a value, and streams thousands of rows", () =>
    Effect.gen(function*() {
      const { sql, words } = yield* scene
      const big = "ü".repeat(500_000)
      yield* sql`INSERT INTO words VALUES (${big})`
      deepStrictEqual(yield* words, [big])
      strictEqual(yield* Stream.runCount(sql`SELECT generate_series(1, 5000) AS n`.stream), 5000)
    }))
})
