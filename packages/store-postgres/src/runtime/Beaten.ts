import { Instances, type Runtime } from "@muster/domain"
import { Effect, Option } from "effect"
import type { SqlClient } from "effect/sql"
import { cleanWord, jsonText } from "../client/CleanText.ts"
import { runtimes } from "./RuntimeRows.ts"

/** Records a beat of this instance of a runtime's daemon; the row is locked while the rule is applied. */
export const beaten = (sql: SqlClient.SqlClient, id: Runtime.RuntimeId, instance: string, now: number) =>
  sql.withTransaction(Effect.gen(function*() {
    const found = yield* runtimes.first(sql`SELECT * FROM runtimes WHERE id = ${id} FOR NO KEY UPDATE`)
    if (Option.isNone(found)) return found
    const known = found.value.instances ?? null
    const next = Instances.afterBeat(known, cleanWord(instance), now)
    return next === known
      ? found
      : yield* runtimes.first(sql`
          UPDATE runtimes SET instances = ${jsonText(next)}::jsonb WHERE id = ${id} RETURNING *`)
  }))
