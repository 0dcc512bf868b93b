import { Runtime } from "@muster/domain"
import { Effect, Option } from "effect"
import type { SqlClient } from "effect/sql"
import { jsonText } from "../client/CleanText.ts"
import { runtimes } from "./RuntimeRows.ts"

/** Records an attempt with a runtime's CLI; the row is locked while the rule is applied. */
export const noteCli = (sql: SqlClient.SqlClient, id: Runtime.RuntimeId, attempt: Partial<Runtime.CliHealth>) =>
  sql.withTransaction(Effect.gen(function*() {
    const found = yield* runtimes.first(sql`SELECT * FROM runtimes WHERE id = ${id} FOR NO KEY UPDATE`)
    if (Option.isNone(found)) return
    const next = Runtime.afterAttempt(found.value.cli ?? null, attempt)
    yield* sql`UPDATE runtimes SET cli = ${jsonText(next)}::jsonb WHERE id = ${id}`
  }))
