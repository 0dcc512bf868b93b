import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { startHome } from "../support/Scene.ts"

describe("listing local skills", () => {
  it.effect("7.7 8.6 the list as the daemon reports it; null is an empty one", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      const at = `/api/runtimes/${codex.id}/local-skills`
      const ask = Effect.fnUntraced(function*(report: object) {
        const { id } = (yield* me.post(at)).json
        const beat = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
        assert.deepStrictEqual(beat.json.pending_local_skills, { id })
        yield* daemon.post(`/api/daemon/runtimes/${codex.id}/local-skills/${id}/result`, report)
        const { created_at: _, id: __, runtime_id: ___, updated_at: ____, ...record } =
          (yield* me.get(`${at}/${id}`)).json
        return record
      })
      const skill = { key: "a", name: "A", source_path: "~/a", provider: "codex", file_count: 1 }
      assert.deepStrictEqual(yield* ask({ status: "completed", skills: [skill] }), {
        status: "completed",
        supported: true,
        skills: [skill]
      })
      assert.deepStrictEqual(yield* ask({ status: "completed", skills: null, supported: false }), {
        status: "completed",
        supported: false
      })
      assert.deepStrictEqual(yield* ask({ status: "failed", error: "no" }), {
        status: "failed",
        supported: true,
        error: "no"
      })
    }))

  it.effect("a daemon that is killed after a claim: the list is delivered again, and the person sees one wait and no error", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      const at = `/api/runtimes/${codex.id}/local-skills`
      const { id } = (yield* me.post(at)).json
      const beat = Effect.map(
        daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }),
        ({ json }) => json.pending_local_skills
      )
      assert.deepStrictEqual(yield* beat, { id })
      const waiting = yield* Effect.forkChild(me.get(`${at}/${id}?wait=60`), { startImmediately: true })
      // The daemon that claimed it is gone; another process of it beats.
      yield* TestClock.adjust(15_000)
      assert.isUndefined(yield* beat)
      yield* TestClock.adjust(5_001)
      assert.deepStrictEqual(yield* beat, { id })
      yield* daemon.post(`/api/daemon/runtimes/${codex.id}/local-skills/${id}/result`, {
        status: "completed",
        skills: []
      })
      const answer = yield* Fiber.join(waiting)
      assert.deepStrictEqual([answer.status, answer.json.status], [200, "completed"])
    }))
})
