import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { startHome } from "../support/Scene.ts"
import { Outage } from "../support/Stores.ts"

type Home = Effect.Success<ReturnType<typeof startHome>>

/** Asks the runtime, and reports what its daemon found. */
const answer = ({ codex, daemon, me }: Home, path: "models" | "ping", body: object) =>
  Effect.gen(function*() {
    const { json } = yield* me.post(`/api/runtimes/${codex.id}/${path}${path === "models" ? "?fresh=1" : ""}`)
    yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
    return yield* daemon.post(`/api/daemon/runtimes/${codex.id}/${path}/${json.id}/result`, body)
  })

describe("whether a CLI works", () => {
  it.effect("F-12 a CLI's state is that of its last list of models; a ping shows that it starts; the fleet shows trouble", () =>
    Effect.gen(function*() {
      const home = yield* startHome()
      const { codex, me } = home
      const seen = Effect.gen(function*() {
        const { json } = yield* me.get(`/api/runtimes/${codex.id}`)
        const fleet = yield* me.get("/api/fleet?status=trouble")
        return {
          used: json.cli?.used?.outcome,
          started: json.cli?.started?.text,
          trouble: fleet.json.items[0]?.trouble
        }
      })
      assert.deepStrictEqual(yield* seen, { used: undefined, started: undefined, trouble: undefined })

      yield* answer(home, "ping", { status: "completed", cli_version: "1.2.3", cli_ms: 7 })
      assert.deepStrictEqual(yield* seen, { used: undefined, started: "1.2.3", trouble: undefined })

      yield* answer(home, "models", { status: "failed", error: "codex: not signed in" })
      assert.deepStrictEqual(yield* seen, {
        used: "unable",
        started: "1.2.3",
        trouble: "the last use of its CLI failed"
      })

      yield* answer(home, "models", { status: "completed", source: "live", models: [{ id: "m", label: "M" }] })
      assert.deepStrictEqual(yield* seen, { used: "worked", started: "1.2.3", trouble: undefined })
    }))

  it.effect("F-12 a registry that cannot record it does not affect the request", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const home = yield* startHome({
        wraps: { registry: (real) => ({ noteCli: outage.guard("noteCli", real.noteCli) }) }
      })
      outage.down = true
      const reported = yield* answer(home, "models", { status: "completed", source: "live", models: [] })
      assert.strictEqual(reported.status, 200)
      outage.down = false
      assert.isUndefined((yield* home.me.get(`/api/runtimes/${home.codex.id}`)).json.cli)
    }))
})
