import type { Store } from "@muster/domain"
import { Clock, Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { asOperation } from "../client/Operation.ts"
import type { Migration } from "./Migration.ts"
import { migration10Machines } from "./Migration10Machines.ts"
import { migration11Audit } from "./Migration11Audit.ts"
import { migration12CliHealth } from "./Migration12CliHealth.ts"
import { migration13Memberships } from "./Migration13Memberships.ts"
import { migration14Scopes } from "./Migration14Scopes.ts"
import { migration15Accounts } from "./Migration15Accounts.ts"
import { migration16Limits } from "./Migration16Limits.ts"
import { migration17RuntimeNames } from "./Migration17RuntimeNames.ts"
import { migration18ClaimedEmails } from "./Migration18ClaimedEmails.ts"
import { migration19History } from "./Migration19History.ts"
import { migration1Access } from "./Migration1Access.ts"
import { migration20DefaultModels } from "./Migration20DefaultModels.ts"
import { migration21Tasks } from "./Migration21Tasks.ts"
import { migration22TaskDaemons } from "./Migration22TaskDaemons.ts"
import { migration23TaskEnqueue } from "./Migration23TaskEnqueue.ts"
import { migration24TaskSteps } from "./Migration24TaskSteps.ts"
import { migration25TaskPlans } from "./Migration25TaskPlans.ts"
import { migration2Runtimes } from "./Migration2Runtimes.ts"
import { migration3Requests } from "./Migration3Requests.ts"
import { migration4Skills } from "./Migration4Skills.ts"
import { migration5Journal } from "./Migration5Journal.ts"
import { migration6DurableRequests } from "./Migration6DurableRequests.ts"
import { migration7SkillFiles } from "./Migration7SkillFiles.ts"
import { migration8Lineage } from "./Migration8Lineage.ts"
import { migration9Instances } from "./Migration9Instances.ts"
import { SchemaTooNew } from "./SchemaTooNew.ts"

/** All steps, the first one first. */
export const migrations: ReadonlyArray<Migration> = [
  migration1Access,
  migration2Runtimes,
  migration3Requests,
  migration4Skills,
  migration5Journal,
  migration6DurableRequests,
  migration7SkillFiles,
  migration8Lineage,
  migration9Instances,
  migration10Machines,
  migration11Audit,
  migration12CliHealth,
  migration13Memberships,
  migration14Scopes,
  migration15Accounts,
  migration16Limits,
  migration17RuntimeNames,
  migration18ClaimedEmails,
  migration19History,
  migration20DefaultModels,
  migration21Tasks,
  migration22TaskDaemons,
  migration23TaskEnqueue,
  migration24TaskSteps,
  migration25TaskPlans
]
/** The newest schema that this version knows: the id of its last step. */
export const schemaVersion: number = migrations.length
const known = schemaVersion

/** The name of the lock that serializes replicas that start together: any otherwise unused number. */
const lock = 2_054_130_277

const deadline = "2 minutes"

const latest = (sql: SqlClient.SqlClient) =>
  Effect.map(
    sql<{ readonly id: number | null }>`SELECT max(id) AS id FROM muster_migrations`,
    ([row]) => row?.id ?? 0
  )

/** All steps that are due, in one transaction, one replica at a time; the others find nothing to do. */
const migrate = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, now: number) {
  yield* sql`SET LOCAL statement_timeout = '100s'`
  yield* sql`SELECT pg_advisory_xact_lock(${lock})`
  yield* sql`CREATE TABLE IF NOT EXISTS muster_migrations (
    id integer PRIMARY KEY,
    name text NOT NULL,
    applied_at bigint NOT NULL
  )`
  const found = yield* latest(sql)
  if (found > known) return yield* new SchemaTooNew({ found, known })
  for (const { id, name, up } of migrations.slice(found)) {
    yield* up(sql)
    yield* sql`INSERT INTO muster_migrations (id, name, applied_at) VALUES (${id}, ${name}, ${now})`
  }
})

const isDone = Effect.fnUntraced(function*(sql: SqlClient.SqlClient) {
  const [row] = yield* sql<{ readonly there: boolean }>`SELECT to_regclass('muster_migrations') IS NOT NULL AS there`
  return row?.there === true && (yield* latest(sql)) >= known
})

const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const now = yield* Clock.currentTimeMillis
  yield* sql.withTransaction(migrate(sql, now)).pipe(asOperation("Migrations.run", deadline))
  return Migrations.of({ done: asOperation("Migrations.done")(isDone(sql)) })
})

/** The schema of the database. Building the layer migrates it, safely when several replicas start concurrently. */
export class Migrations extends Context.Service<Migrations, {
  /** Whether the schema is as new as this version requires, or newer: for readiness. Queries the database each time. */
  readonly done: Effect.Effect<boolean, Store.StoreUnavailable>
}>()("@muster/store-postgres/migrations/Migrations") {
  static readonly layer: Layer.Layer<Migrations, SchemaTooNew | Store.StoreUnavailable, SqlClient.SqlClient> = Layer
    .effect(
      Migrations,
      make
    )
}
