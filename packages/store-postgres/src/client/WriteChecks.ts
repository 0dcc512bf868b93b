import type { Store } from "@muster/domain"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { asOperation } from "./Operation.ts"

/** A table that each store writes to. */
const tables = {
  access: "tokens",
  machines: "machines",
  runtimes: "runtimes",
  skills: "skills",
  catalogue: "model_catalogue",
  journal: "request_journal",
  requests: "requests"
} as const

/** The stores that the database may hold. */
export type CheckedStore = keyof typeof tables

/**
 * For readiness: whether the database takes writes. `db` commits one, so it also fails if the disk is full or a
 * synchronous standby is missing. The check of a store changes no row, and fails if its table cannot be written: it is
 * locked, absent, or owned by another user. Each takes 6 s at most and fails with a `reason`.
 */
export const makeWriteChecks = Effect.fnUntraced(function*<Name extends CheckedStore>(stores: ReadonlyArray<Name>) {
  const sql = yield* SqlClient.SqlClient
  const db = sql`UPDATE muster_migrations SET name = name WHERE id = 1`
  const storeCheck = (store: Name): [Name, Effect.Effect<void, Store.StoreUnavailable>] => {
    const table = sql(tables[store])
    const statement = sql`DELETE FROM ${table} WHERE false`
    return [store, Effect.asVoid(asOperation(`Readiness.${store}`)(statement))]
  }
  return {
    db: Effect.asVoid(asOperation("Readiness.db")(db)),
    ...Object.fromEntries(stores.map(storeCheck)) as Record<Name, Effect.Effect<void, Store.StoreUnavailable>>
  }
})
