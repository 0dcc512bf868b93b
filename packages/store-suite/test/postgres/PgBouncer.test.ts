import { describe, it } from "@effect/vitest"
import { assertInclude, deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Redacted } from "effect"
import { onConnection } from "../../src/postgres/Admin.ts"
import { pgBouncerTo } from "../../src/postgres/PgBouncer.ts"
import { freshDatabase } from "../../src/postgres/TestDatabase.ts"

describe("pgBouncerTo", () => {
  it.effect("F-08 PgBouncer with its defaults is before a database: start-up parameters are refused", () =>
    Effect.gen(function*() {
      const database = yield* freshDatabase
      const pooled = yield* pgBouncerTo(database, "session")
      const own = (url: Redacted.Redacted) =>
        onConnection(Redacted.value(url), (sql) => sql<{ readonly name: string }>`SELECT current_database() AS name`)
      deepStrictEqual(yield* own(pooled), yield* own(database))
      const withOptions = new URL(Redacted.value(pooled))
      withOptions.searchParams.set("options", "-c statement_timeout=5s")
      const refusal = yield* Effect.flip(own(Redacted.make(withOptions.href)))
      assertInclude(String(refusal.reason.cause), "unsupported startup parameter")
    }))
})
