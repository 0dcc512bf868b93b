import { describe, it } from "@effect/vitest"
import { assertNone, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, Runtime, Token } from "@muster/domain"
import { Migrations, PgliteClient } from "@muster/store-postgres"
import { shared, storeNode } from "@muster/store-suite"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import { RecentBeats } from "../src/runtime/RecentBeats.ts"
import { pgliteInMemory } from "./PgliteBackend.ts"
import { empty, stores } from "./Stores.ts"

const database = shared(pgliteInMemory)

const uuid = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`
const user = Identity.UserId.make(uuid(1))
const workspace = Identity.WorkspaceId.make(uuid(2))
const runtime = Runtime.RuntimeId.make(uuid(3))
const hash = Token.TokenHash.make("0".repeat(64))

/** A node on an emptied database, with one user and one workspace, and a count of the session's batches. */
const scene = Effect.gen(function*() {
  const session = yield* database
  let batches = 0
  const counted = PgliteClient.layerOn({
    execProtocolRaw: (message) => {
      batches++
      return session.execProtocolRaw(message)
    }
  })
  const context = yield* Layer.build(counted)
  const sql = Context.get(context, SqlClient.SqlClient)
  const client = Layer.succeedContext(context)
  yield* Layer.build(Layer.provide(Migrations.layer, client))
  yield* Effect.provide(empty, context)
  yield* sql`INSERT INTO users VALUES (${user}, 'ada@example.org', 'Ada', 0)`
  yield* sql`INSERT INTO workspaces VALUES (${workspace}, 'Acme', 'acme', NULL, NULL, '{}', '[]', 'A', 0, 0)`
  const node = yield* storeNode(Layer.provide(stores, client))
  /** How many turns an operation takes on the session. */
  const turns = <A, E>(operation: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      const before = batches
      return Effect.map(operation, () => batches - before)
    })
  return { ...node, sql, turns }
})

const insertRuntimes = (sql: SqlClient.SqlClient, count: number) =>
  sql`INSERT INTO runtimes
    SELECT gen_random_uuid(), ${workspace}, 'box', 'name', false, 'local', 'provider' || n, 'online', '', '{}', NULL,
      'private', 'UTC', n, n, n
    FROM generate_series(1, ${count}) AS n`

describe("the stores on PGlite", () => {
  it.effect("the most frequent queries take one round trip each", () =>
    Effect.gen(function*() {
      const { access, registry, sql, turns } = yield* scene
      yield* insertRuntimes(sql, 1)
      yield* sql`UPDATE runtimes SET id = ${runtime}`
      const seen = new Map(Array.from({ length: 1_000 }, (_, i) => [Runtime.RuntimeId.make(uuid(i)), i]))
      deepStrictEqual(
        yield* Effect.all([
          turns(registry.find(runtime)),
          turns(registry.touch(seen)),
          turns(registry.markOnline(runtime, 0)),
          turns(access.authenticate(hash)),
          turns(access.roleOf(user, workspace)),
          turns(access.workspace(workspace))
        ]),
        [1, 1, 1, 1, 1, 1]
      )
    }))

  it.effect("lists are bounded", () =>
    Effect.gen(function*() {
      const { access, registry, sql } = yield* scene
      yield* insertRuntimes(sql, 10_001)
      yield* sql`INSERT INTO tokens
        SELECT gen_random_uuid(), ${user}, 'name', lpad(n::text, 64, '0'), 'mul_', NULL, NULL, NULL, n
        FROM generate_series(1, 1001) AS n`
      yield* sql`INSERT INTO workspaces
        SELECT gen_random_uuid(), 'Name', 'slug' || n, NULL, NULL, '{}', '[]', 'A', n, n
        FROM generate_series(1, 1001) AS n`
      yield* sql`INSERT INTO members SELECT ${user}, id, 'member', 0 FROM workspaces`
      const list = yield* registry.list(workspace)
      deepStrictEqual([list.length, list[0]?.createdAt], [10_000, 1])
      const tokens = yield* access.listTokens(user)
      deepStrictEqual([tokens.length, tokens[0]?.createdAt], [1_000, 1_001])
      strictEqual((yield* access.workspacesOf(user)).length, 1_000)
    }))

  it.effect("H-02 an unreadable row is a fault, never an absent one", () =>
    Effect.gen(function*() {
      const { access, registry, sql } = yield* scene
      yield* insertRuntimes(sql, 1)
      yield* sql`UPDATE runtimes SET id = ${runtime}, metadata = '[]'`
      yield* sql`UPDATE workspaces SET settings = '7'`
      const errors = yield* Effect.all([
        Effect.flip(registry.find(runtime)),
        Effect.flip(registry.list(workspace)),
        Effect.flip(access.workspace(workspace))
      ])
      deepStrictEqual(errors.map(({ _tag }) => _tag), ["StoreUnavailable", "StoreUnavailable", "StoreUnavailable"])
    }))

  it.effect("X-02 the stores keep nothing from which a token could be made", () =>
    Effect.gen(function*() {
      const { access, sql } = yield* scene
      const secret = yield* Token.generate("user")
      const digest = Token.TokenHash.make(createHash("sha256").update(secret).digest("hex"))
      const prefix = secret.slice(0, 12)
      yield* access.createToken({
        userId: user,
        purpose: "api",
        madeWith: null,
        name: "laptop",
        hash: digest,
        prefix,
        expiresAt: null
      })
      const [{ all } = { all: "" }] = yield* sql<{ readonly all: string }>`SELECT tokens::text AS all FROM tokens`
      assertTrue(all.includes(digest) && all.includes(prefix))
      assertTrue(!all.includes(secret.slice(12, 36)))
    }))

  it.effect("text and ids are never interpreted as SQL", () =>
    Effect.gen(function*() {
      const { access, registry, sql } = yield* scene
      const evil = `'; DROP TABLE runtimes; --"{},\\`
      assertNone(yield* access.workspaceBySlug(evil))
      strictEqual((yield* access.ensureUser(evil, evil)).name, evil)
      yield* Effect.exit(registry.markOffline([Runtime.RuntimeId.make(runtime), evil as Runtime.RuntimeId]))
      deepStrictEqual(yield* sql`SELECT count(*) AS n FROM runtimes`, [{ n: 0 }])
    }))
})

describe("recent beats", () => {
  it.effect("recent beats are removed after two spans at the latest, without a call", () =>
    Effect.sync(() => {
      const beats = new RecentBeats(100)
      for (let i = 0; i < 10_000; i++) beats.add(Runtime.RuntimeId.make(uuid(i)), i)
      assertTrue(beats.size <= 202, String(beats.size))
      assertTrue(beats.has(Runtime.RuntimeId.make(uuid(9_900)), 10_000))
      assertTrue(!beats.has(Runtime.RuntimeId.make(uuid(9_899)), 10_000))
    }))
})
