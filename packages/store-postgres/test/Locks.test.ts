import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, type Registration, Runtime, Token } from "@muster/domain"
import { Migrations, PostgresClient } from "@muster/store-postgres"
import { freshDatabase, storeNode } from "@muster/store-suite"
import { Context, Deferred, Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { stores } from "./Stores.ts"

const metadata = { version: "", cli_version: "", launched_by: "" }

const registrationOf = (
  workspaceId: Identity.WorkspaceId,
  providers: ReadonlyArray<string>
): Registration.Registration => ({
  workspaceId,
  daemonId: Identity.DaemonId.make("box"),
  legacyDaemonIds: [],
  timezone: "UTC",
  owner: null,
  runtimes: providers.map((provider) => ({ provider, name: provider, status: "online", deviceInfo: "", metadata }))
})

/** A node, a runtime that was seen at 0, and another client of the database. */
const scene = Effect.gen(function*() {
  const client = Layer.orDie(PostgresClient.layer({ url: yield* freshDatabase, maxConnections: 4 }))
  const node = yield* storeNode(stores.pipe(Layer.provideMerge(Migrations.layer), Layer.provide(client)))
  const sql = Context.get(yield* Layer.build(Layer.fresh(client)), SqlClient.SqlClient)
  const owner = yield* node.access.ensureUser("ada@example.org", "Ada")
  const rest = { description: null, context: null, issuePrefix: "A", owner: owner.id }
  const workspace = yield* node.access.createWorkspace({ name: "Acme", slug: "acme", ...rest })
  const { runtimes: [runtime] } = yield* node.registry.register(registrationOf(workspace.id, ["codex"]))
  return { ...node, sql, runtime: runtime! }
})

/** Polls until a session waits for a lock: the only event here without a notification. */
const somebodyWaits = (sql: SqlClient.SqlClient) =>
  Effect.repeat(sql`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`, {
    until: (rows) => rows.length > 0
  })

/**
 * The result of an operation on a row with another client's uncommitted change: it waits, and then applies its rule to
 * the changed row.
 */
const meeting = Effect.fnUntraced(function*<A, E>(
  sql: SqlClient.SqlClient,
  change: Effect.Effect<unknown, unknown>,
  operation: Effect.Effect<A, E>
) {
  const changed = yield* Deferred.make<void>()
  const go = yield* Deferred.make<void>()
  const other = yield* Effect.forkChild(
    sql.withTransaction(
      Effect.andThen(change, Effect.andThen(Deferred.succeed(changed, undefined), Deferred.await(go)))
    )
  )
  yield* Deferred.await(changed)
  const waiting = yield* Effect.forkChild(operation)
  yield* somebodyWaits(sql)
  yield* Deferred.succeed(go, undefined)
  yield* Fiber.join(other)
  return yield* Fiber.join(waiting)
})

const seen = (sql: SqlClient.SqlClient, { id }: Runtime.Runtime, at: number) =>
  sql`UPDATE runtimes SET last_seen_at = ${at} WHERE id = ${id}`

describe("a write that meets another one", () => {
  it.effect("H-08 a runtime that beats while the sweep writes stays online", () =>
    Effect.gen(function*() {
      const { registry, runtime, sql } = yield* scene
      deepStrictEqual(yield* meeting(sql, seen(sql, runtime, 5), registry.markStale([runtime.id], 5)), [])
      const found = yield* registry.find(runtime.id)
      strictEqual(found._tag === "Found" ? found.runtime.status : found.reason, "online")
    }))

  it.effect("H-07 a last-seen time never moves backwards", () =>
    Effect.gen(function*() {
      const { registry, runtime, sql } = yield* scene
      strictEqual(yield* meeting(sql, seen(sql, runtime, 9), registry.touch(new Map([[runtime.id, 5]]))), 1)
      const found = yield* registry.find(runtime.id)
      strictEqual(found._tag === "Found" ? found.runtime.lastSeenAt : found.reason, 9)
    }))

  it.effect("markOnline does not turn a runtime online that is deregistered meanwhile", () =>
    Effect.gen(function*() {
      const { registry, runtime, sql } = yield* scene
      const offline = sql`UPDATE runtimes SET status = 'offline' WHERE id = ${runtime.id}`
      strictEqual(yield* meeting(sql, offline, registry.touch(new Map([[runtime.id, 5]]))), 0)
    }))

  it.effect("H-10 expire does not wait for a locked row, and does not remove it", () =>
    Effect.gen(function*() {
      const { registry, runtime, sql } = yield* scene
      yield* registry.markOffline([runtime.id])
      const back = sql`UPDATE runtimes SET status = 'online' WHERE id = ${runtime.id}`
      yield* sql.withTransaction(Effect.gen(function*() {
        yield* back
        deepStrictEqual(yield* registry.expire(5, 10), [])
      }))
      assertTrue((yield* registry.find(runtime.id))._tag === "Found")
    }))

  it.effect("a registration makes a runtime once while another client inserts its row", () =>
    Effect.gen(function*() {
      const { registry, runtime, sql } = yield* scene
      const id = "11111111-1111-4111-8111-111111111111"
      const insert =
        sql`INSERT INTO runtimes SELECT ${id}, workspace_id, daemon_id, name, false, runtime_mode, 'claude',
        status, device_info, metadata, owner_id, visibility, timezone, last_seen_at, created_at, updated_at FROM runtimes`
      const { runtimes: [registered] } = yield* meeting(
        sql,
        insert,
        registry.register(registrationOf(runtime.workspaceId, ["claude"]))
      )
      strictEqual(registered?.id, id)
      strictEqual((yield* registry.list(runtime.workspaceId)).length, 2)
    }))
})

const [low, high] = [
  Runtime.RuntimeId.make(`${"0".repeat(8)}-0000-4000-8000-${"0".repeat(12)}`),
  Runtime.RuntimeId.make(`${"f".repeat(8)}-0000-4000-8000-${"0".repeat(12)}`)
]

/**
 * Locks the lowest row, lets the operation wait for it, and then locks the highest, which no operation may have locked
 * before the lowest. Otherwise PostgreSQL would detect a deadlock and end one of them.
 */
const inOrder = Effect.fnUntraced(function*<A, E>(
  sql: SqlClient.SqlClient,
  take: (id: string) => Effect.Effect<unknown, unknown>,
  operation: Effect.Effect<A, E>
) {
  const waiting = yield* sql.withTransaction(Effect.gen(function*() {
    yield* take(low)
    const waiting = yield* Effect.forkChild(operation)
    yield* somebodyWaits(sql)
    yield* take(high)
    return waiting
  }))
  return yield* Fiber.join(waiting)
})

describe("a write to many rows locks them in the order of their ids, so that no two deadlock:", () => {
  const both = Effect.gen(function*() {
    const at = yield* scene
    // The providers and the rows in the table are in the opposite order of the ids.
    yield* at.sql`UPDATE runtimes SET id = ${high}, provider = 'a'`
    yield* at.sql`INSERT INTO runtimes SELECT ${low}, workspace_id, daemon_id, name, false, runtime_mode, 'b', status,
      device_info, metadata, owner_id, visibility, timezone, last_seen_at, created_at, updated_at FROM runtimes`
    const take = (id: string) => at.sql`SELECT 1 FROM runtimes WHERE id = ${id} FOR UPDATE`
    return { ...at, run: <A, E>(operation: Effect.Effect<A, E>) => inOrder(at.sql, take, operation) }
  })

  it.effect("touch", () =>
    Effect.gen(function*() {
      const { registry, run } = yield* both
      strictEqual(yield* run(registry.touch(new Map([[high, 5], [low, 5]]))), 2)
    }))

  it.effect("markOffline", () =>
    Effect.gen(function*() {
      const { registry, run } = yield* both
      yield* run(registry.markOffline([high, low]))
    }))

  it.effect("markStale", () =>
    Effect.gen(function*() {
      const { registry, run } = yield* both
      strictEqual((yield* run(registry.markStale([high, low], 5))).length, 2)
    }))

  it.effect("register", () =>
    Effect.gen(function*() {
      const { registry, run, runtime } = yield* both
      const { runtimes: rows } = yield* run(registry.register(registrationOf(runtime.workspaceId, ["a", "b"])))
      deepStrictEqual(rows.map(({ id }) => id), [high, low])
    }))

  it.effect("touchTokens", () =>
    Effect.gen(function*() {
      const { access, runtime, sql } = yield* both
      const [user] = yield* sql<{ readonly id: string }>`SELECT id FROM users WHERE ${runtime.id} <> ''`
      const hashes = [Token.TokenHash.make("f".repeat(64)), Token.TokenHash.make("0".repeat(64))]
      for (const [i, id] of [high, low].entries()) {
        yield* sql`INSERT INTO tokens VALUES (${id}, ${user!.id}, 'name', ${hashes[i]!}, 'mul_', NULL, NULL, NULL, 0)`
      }
      const take = (id: string) => sql`SELECT 1 FROM tokens WHERE id = ${id} FOR UPDATE`
      yield* inOrder(sql, take, access.touchTokens(hashes, 5))
    }))
})
