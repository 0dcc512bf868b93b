import { assert, describe, it } from "@effect/vitest"
import { Store } from "@muster/domain"
import { Effect } from "effect"
import { startHome } from "../support/Scene.ts"

const refused = (operation: string) =>
  Effect.fail(
    new Store.StoreUnavailable({
      operation,
      reason: "the database does not take a value of it",
      refused: true,
      cause: new Error()
    })
  )

describe("a value that a store refuses", () => {
  it.effect("F-26 is 400 with a sentence, counts as no fault of the store and begins no condition", () =>
    Effect.gen(function*() {
      const { home, me, muster } = yield* startHome({
        wraps: {
          access: ({ createWorkspace }) => ({
            createWorkspace: (input) =>
              input.slug === "odd" ? refused("Access.createWorkspace") : createWorkspace(input)
          }),
          registry: ({ register }) => ({
            register: (input) => input.daemonId === "odd" ? refused("RuntimeRegistry.register") : register(input)
          })
        }
      })
      const answers = [
        yield* me.post("/api/workspaces", { name: "a", slug: "odd" }),
        yield* me.post("/api/daemon/register", { workspace_id: home, daemon_id: "odd", runtimes: [{ type: "codex" }] })
      ]
      assert.deepStrictEqual(answers.map(({ json, status }) => [status, json.code, json.error]), [
        [400, "refused_value", "failed to create workspace: the database does not take a value of it"],
        [400, "refused_value", "failed to register runtime: the database does not take a value of it"]
      ])
      const metrics = (yield* muster.nobody.get("/metrics")).text
      assert.notMatch(metrics, /muster_store_faults_total\{[^}]*\} [1-9]/)
      assert.deepStrictEqual(muster.lines.filter(({ message }) => message.startsWith("store unavailable")), [])
      assert.deepStrictEqual((yield* me.get("/readyz")).json.status, "ok")
    }))
})
