import { assert, describe, it } from "@effect/vitest"
import { Access, type Identity } from "@muster/domain"
import { AccessPostgres, Migrations, PostgresClient } from "@muster/store-postgres"
import { freshDatabase } from "@muster/store-suite"
import { Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"

const hashOf = (n: number) =>
  n.toString(16).padStart(64, "0") as Parameters<Access.Access["Service"]["authenticate"]>[0]

/** What a replica of the release before scopes writes: it does not know the column. */
const insert = (user: Identity.UserId, n: number, purpose: string, parent: string | null) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql`
      INSERT INTO tokens (id, user_id, purpose, parent_id, name, hash, prefix, created_at)
      VALUES (${`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`}, ${user}, ${purpose}, ${parent}::uuid, 'old',
        ${hashOf(n)}, 'mul_00000000', 0)`)

describe("a replica of an older release beside this one", () => {
  it.effect("A-05 a token that it makes has no scope that the tokens lack which it descends from", () =>
    Effect.gen(function*() {
      const client = PostgresClient.layer({ url: yield* freshDatabase, maxConnections: 2 })
      const layer = AccessPostgres.layer.pipe(Layer.provideMerge(Migrations.layer), Layer.provideMerge(client))
      const scopes = yield* Effect.gen(function*() {
        const access = yield* Access.Access
        const { id: user } = yield* access.ensureUser("ada@example.org", "Ada")
        const maker = yield* access.createToken({
          userId: user,
          purpose: "api",
          madeWith: null,
          name: "asks",
          scopes: ["read", "ask"],
          hash: hashOf(1),
          prefix: "mul_00000000",
          expiresAt: null
        })
        yield* insert(user, 2, "session", maker.id)
        yield* insert(user, 3, "api", "00000000-0000-4000-8000-000000000002")
        yield* insert(user, 4, "api", null)
        return yield* Effect.forEach(
          [2, 3, 4],
          (n) => Effect.map(access.authenticate(hashOf(n)), Option.map((one) => one._tag === "User" ? one.scopes : []))
        )
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(scopes.map(Option.getOrNull), [
        ["read", "ask"],
        ["read", "ask"],
        ["read", "ask", "run", "admin"]
      ])
    }))
})
