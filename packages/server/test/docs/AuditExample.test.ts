import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { Audit } from "../../src/audit/Audit.ts"

/** The example of docs/development.md, in a handler. */
const renamed = Effect.fnUntraced(function*(id: string, name: string, from: string, to: string) {
  const audit = yield* Audit
  yield* audit.record({ action: "runtime.rename", target: { kind: "runtime", id, name }, details: { from, to } })
})

describe("the example of an event of the audit log", () => {
  it.effect("P-07 is that of docs/development.md, and records one event", () =>
    Effect.gen(function*() {
      const page = readFileSync(new URL("../../../../docs/development.md", import.meta.url), "utf8")
      assert.include(
        page,
        "yield* audit.record({ action: \"runtime.rename\", target: { kind: \"runtime\", id, name }, details: { from, to } })"
      )
      const recorded: Array<unknown> = []
      yield* renamed("r-1", "new", "old", "new").pipe(
        Effect.provideService(Audit, {
          record: (event) => Effect.sync(() => void recorded.push(event)),
          page: () => Effect.die("nobody reads here")
        })
      )
      assert.deepStrictEqual(recorded, [
        {
          action: "runtime.rename",
          target: { kind: "runtime", id: "r-1", name: "new" },
          details: { from: "old", to: "new" }
        }
      ])
    }))
})
