import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Redacted, Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import { onConnection } from "../../src/postgres/Admin.ts"
import { freshDatabase, freshDatabaseOn, testServer } from "../../src/postgres/TestDatabase.ts"

const databases = (url: string) =>
  onConnection(url, (sql) => sql<{ readonly datname: string }>`SELECT datname FROM pg_database`).pipe(
    Effect.map((rows) => rows.map(({ datname }) => datname))
  )

const nameIn = (url: Redacted.Redacted) => new URL(Redacted.value(url)).pathname.slice(1)

describe("freshDatabase", () => {
  it.effect("gives each caller an empty database of its own, on the run's one server", () =>
    Effect.gen(function*() {
      const [one, two] = yield* Effect.all([freshDatabase, freshDatabase], { concurrency: 2 })
      assert.notStrictEqual(nameIn(one), nameIn(two))
      const make = (url: Redacted.Redacted) =>
        onConnection(Redacted.value(url), (sql) => sql`CREATE TABLE only_here (n int)`)
      yield* make(one)
      yield* make(two) // would fail if it were the same database
      const all = yield* databases(yield* testServer)
      assert.includeMembers(all, [nameIn(one), nameIn(two)])
    }))

  it.effect("drops the database with its scope, even with open connections", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const url = yield* Scope.provide(freshDatabase, scope)
      const sql = yield* PgClient.make({ url, minConnections: 1 })
      yield* sql`SELECT 1`
      yield* Scope.close(scope, Exit.void)
      assert.notInclude(yield* databases(yield* testServer), nameIn(url))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(sql`SELECT 1`)))
    }).pipe(Effect.provide(Reactivity.layer)))

  it.effect("reports in a sentence that there is no server", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(freshDatabaseOn("postgres://postgres@127.0.0.1:1/postgres"))
      assert.strictEqual(error.message, "The server gave no new database")
    }))
})
