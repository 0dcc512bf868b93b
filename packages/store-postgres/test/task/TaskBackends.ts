import { Migrations, PgliteClient, PostgresClient, TaskLogPostgres, TaskQueuePostgres } from "@muster/store-postgres"
import { freshDatabase, lineToUrl, pgBouncerTo, shared, type TaskBackend, taskNode } from "@muster/store-suite"
import { Effect, Layer, type Redacted, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { pgliteInMemory } from "../PgliteBackend.ts"
import type { Client } from "../Stores.ts"

const forget = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`TRUNCATE tasks, task_served CASCADE`)

/** A client of the tests' own, separate from the nodes, on a database that was migrated through it. */
const ownerOf = (client: Layer.Layer<Client>) => shared(Layer.build(Layer.provideMerge(Migrations.layer, client)))

const stores = Layer.merge(TaskQueuePostgres.layer, TaskLogPostgres.layer)

/** One PGlite per test file, emptied for each test; both nodes use the one process that it allows. */
export const pgliteTasks = (): TaskBackend => {
  const database = shared(pgliteInMemory)
  const owner = ownerOf(Layer.unwrap(Effect.map(database, PgliteClient.layerOn)))
  return {
    name: "PGlite",
    nodes: Effect.gen(function*() {
      const context = yield* owner
      const session = yield* database
      yield* Effect.provide(forget, context)
      let down = false
      const client = PgliteClient.layerOn({
        execProtocolRaw: (message) =>
          down ? Promise.reject(new Error("switched off")) : session.execProtocolRaw(message)
      })
      const node = taskNode(Layer.provide(stores, client))
      return {
        a: yield* node,
        b: yield* node,
        outage: Effect.sync(() => {
          down = true
        })
      }
    })
  }
}

/** One database per test file, emptied for each test; each node has connections of its own to this URL. */
const postgresTasksAt = (
  name: string,
  urlOf: (direct: Redacted.Redacted) => Effect.Effect<Redacted.Redacted, unknown, Scope.Scope>
): TaskBackend => {
  const database = shared(freshDatabase)
  const reached = shared(Effect.flatMap(database, urlOf))
  const owner = ownerOf(
    Layer.unwrap(Effect.map(database, (url) => PostgresClient.layer({ url, maxConnections: 2 }))).pipe(Layer.orDie)
  )
  return {
    name,
    nodes: Effect.gen(function*() {
      const context = yield* owner
      yield* Effect.provide(forget, context)
      const line = yield* lineToUrl(yield* reached)
      const node = taskNode(Layer.provide(stores, Layer.orDie(PostgresClient.layer({ url: line.url }))))
      return { a: yield* node, b: yield* node, outage: line.cut }
    })
  }
}

export const postgresTasks = (): TaskBackend => postgresTasksAt("PostgreSQL", Effect.succeed)

/**
 * The same behind a PgBouncer that pools transactions: fewer connections than its clients have, assigned in turn, so that no
 * two transactions of a node need be on one connection.
 */
export const pooledTasks = (): TaskBackend =>
  postgresTasksAt(
    "PostgreSQL behind PgBouncer",
    (direct) => pgBouncerTo(direct, "transaction", ["default_pool_size = 5", "server_round_robin = 1"])
  )
