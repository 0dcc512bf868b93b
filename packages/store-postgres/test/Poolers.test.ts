import { describe, it } from "@effect/vitest"
import { assertDefined, assertInclude, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Kinds, type Request, Runtime, Uuid, Wake } from "@muster/domain"
import { Migrations, PostgresClient, RequestStorePostgres, WakePostgres, WakesReceived } from "@muster/store-postgres"
import { freshDatabase, onConnection, pgBouncerTo, type PoolMode, requestNode, wakeNode } from "@muster/store-suite"
import { Context, Effect, Layer, Logger, Queue, Redacted } from "effect"
import { SqlClient } from "effect/sql"

const done: Request.Outcome = { _tag: "Completed", result: {} }
const wanted = [{ kind: Kinds.Update.name, max: 1 }]

/** A database whose owner changed every default, and a PgBouncer in front of it. */
const poolerTo = Effect.fnUntraced(function*(mode: PoolMode, settings: ReadonlyArray<string> = []) {
  const direct = yield* freshDatabase
  yield* onConnection(Redacted.value(direct), (sql) =>
    Effect.gen(function*() {
      const [row] = yield* sql<{ readonly name: string }>`SELECT current_database() AS name`
      const alter = (setting: string) => sql`ALTER DATABASE ${sql(row!.name)} SET ${sql.literal(setting)}`
      yield* alter("statement_timeout = '1h'")
      yield* alter("idle_in_transaction_session_timeout = '1h'")
      yield* alter("default_transaction_isolation = 'repeatable read'")
      yield* alter("jit = on")
    }))
  return { direct, url: yield* pgBouncerTo(direct, mode, settings) }
})

const clientTo = (url: Redacted.Redacted) => Layer.orDie(PostgresClient.layer({ url, maxConnections: 4 }))

const settings = (sql: SqlClient.SqlClient) =>
  sql<
    Record<"statement" | "idle" | "isolation" | "jit", string>
  >`SELECT current_setting('statement_timeout') AS statement,
    current_setting('idle_in_transaction_session_timeout') AS idle,
    current_setting('transaction_isolation') AS isolation, current_setting('jit') AS jit`

const guards = [{ statement: "5s", idle: "15s", isolation: "read committed", jit: "off" }]

const modes = ["session", "transaction"] as const

describe("a PostgreSQL behind PgBouncer", () => {
  it.effect.each(modes)(
    "F-08 guards apply in %s mode, in a transaction and outside",
    (mode) =>
      Effect.gen(function*() {
        const { url } = yield* poolerTo(mode)
        const sql = Context.get(yield* Layer.build(clientTo(url)), SqlClient.SqlClient)
        for (let round = 0; round < 3; round++) {
          deepStrictEqual(yield* settings(sql), guards)
          deepStrictEqual(yield* sql.withTransaction(settings(sql)), guards)
        }
        // A statement that fails ends its transaction, and the connection remains usable.
        const failed = yield* Effect.flip(sql`SELECT 1 / 0`)
        assertInclude(String(failed.reason.cause), "division by zero")
        deepStrictEqual(yield* settings(sql), guards)
      })
  )

  it.effect("F-08 in transaction mode we leave no state on a connection that others use after us", () =>
    Effect.gen(function*() {
      const { direct, url } = yield* poolerTo("transaction", ["default_pool_size = 1"])
      const context = yield* Layer.build(
        WakePostgres.layer.pipe(Layer.provideMerge(Migrations.layer), Layer.provideMerge(clientTo(url)))
      )
      const sql = Context.get(context, SqlClient.SqlClient)
      yield* settings(sql)
      yield* Effect.exit(sql`SELECT 1 / 0`)
      const others = yield* onConnection(Redacted.value(url), (other) =>
        Effect.all({
          prepared: other`SELECT name FROM pg_prepared_statements WHERE statement NOT LIKE '%pg_prepared_statements%'`,
          settings: settings(other),
          channels: other`SELECT pg_listening_channels()`
        }))
      const own = yield* onConnection(Redacted.value(direct), settings)
      deepStrictEqual(others, { settings: own, channels: [], prepared: [] })
    }))

  it.effect.each(modes)(
    "F-08 in %s mode two replicas migrate concurrently and share requests",
    (mode) =>
      Effect.gen(function*() {
        // A pooler with fewer connections than its clients have, assigned in turn.
        const { url } = yield* poolerTo(
          mode,
          mode === "transaction" ? ["default_pool_size = 3", "server_round_robin = 1"] : []
        )
        const node = Effect.suspend(() =>
          requestNode(RequestStorePostgres.layer.pipe(Layer.provide(Migrations.layer), Layer.provide(clientTo(url))))
        )
        const [a, b] = yield* Effect.all([node, node], { concurrency: "unbounded" })
        const runtimes = yield* Effect.forEach(
          Array.from({ length: 20 }),
          () => Effect.map(Uuid.random, (id) => Runtime.RuntimeId.make(id))
        )
        const outcomes = yield* Effect.forEach(
          runtimes,
          Effect.fnUntraced(function*(runtimeId) {
            const { request } = yield* a.create({ kind: Kinds.Update, runtimeId, payload: {}, by: null })
            strictEqual(
              (yield* Effect.flip(b.create({ kind: Kinds.Update, runtimeId, payload: {}, by: null })))._tag,
              "RequestConflict"
            )
            const [claimed] = yield* b.claim(runtimeId, wanted)
            deepStrictEqual([claimed?.id, (yield* a.claim(runtimeId, wanted)).length], [request.id, 0])
            return (yield* a.settle(runtimeId, request.id, done))._tag
          }),
          { concurrency: "unbounded" }
        )
        deepStrictEqual(new Set(outcomes), new Set(["Settled"]))
      })
  )

  it.effect("F-08 statement mode, which supports no transactions, is refused with a sentence", () =>
    Effect.gen(function*() {
      const { url } = yield* poolerTo("statement")
      const error = yield* Effect.flip(Layer.build(Layer.provide(Migrations.layer, clientTo(url))))
      strictEqual(error._tag, "StoreUnavailable")
      assertInclude(error.message, "pool_mode must be session or transaction, not statement")
    }))
})

/** A replica's wakes, its log, and whether it receives others. */
const replica = Effect.fnUntraced(function*(url: Redacted.Redacted, directUrl?: Redacted.Redacted) {
  const lines: Array<unknown> = []
  const logger = Logger.layer([Logger.make(({ message }) => void lines.push(...[message].flat()))])
  const context = yield* Layer.build(
    Layer.fresh(WakePostgres.layerWith({ directUrl })).pipe(Layer.provide(clientTo(url)), Layer.provide(logger))
  )
  const node = yield* wakeNode(Layer.succeedContext(context))
  return { node, lines, trouble: Context.get(context, WakesReceived).trouble }
})

describe("wakes through PgBouncer", () => {
  const heardBy = (to: Redacted.Redacted, directUrl?: Redacted.Redacted) =>
    Effect.gen(function*() {
      const [a, b] = [yield* replica(to, directUrl), yield* replica(to, directUrl)]
      const hint = Wake.topic.runtime(Runtime.RuntimeId.make(yield* Uuid.random))
      const queue = yield* b.node.subscribe([hint])
      yield* a.node.publish(hint)
      strictEqual(yield* Queue.take(queue), hint)
      deepStrictEqual([yield* b.trouble, b.lines], [undefined, []])
    })

  it.effect("F-08 wakes arrive in session mode", () =>
    Effect.gen(function*() {
      yield* heardBy((yield* poolerTo("session")).url)
    }))

  it.effect("F-08 in transaction mode wakes arrive through an address without the pooler", () =>
    Effect.gen(function*() {
      const { direct, url } = yield* poolerTo("transaction")
      yield* heardBy(url, direct)
    }))

  it.effect("F-08 in transaction mode without such an address wakes do not arrive, which is logged once, with what to do", () =>
    Effect.gen(function*() {
      const { url } = yield* poolerTo("transaction")
      const { lines, node, trouble } = yield* replica(url)
      const why = yield* trouble
      assertDefined(why)
      assertInclude(why, "not receiving wakes from other replicas: the pooler in front of PostgreSQL")
      assertInclude(why, "set DATABASE_DIRECT_URL")
      deepStrictEqual(lines, ["not receiving wakes from other replicas"])
      // This replica's own wakes arrive.
      const hint = Wake.topic.runtime(Runtime.RuntimeId.make(yield* Uuid.random))
      const queue = yield* node.subscribe([hint])
      yield* node.publish(hint)
      strictEqual(yield* Queue.take(queue), hint)
      assertTrue(lines.length === 1)
    }))
})
