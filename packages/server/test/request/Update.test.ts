import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startHome } from "../support/Scene.ts"

const target = { target_version: "1.2.3" }

describe("asking for an update", () => {
  it.effect("8.10 an update of a public runtime is for its owner and the workspace's owners and admins; members may read it", () =>
    Effect.gen(function*() {
      const { ana, home, me, muster } = yield* startHome()
      const own = yield* muster.runtime(home, { provider: "pi", owner: ana.id })
      yield* me.patch(`/api/runtimes/${own.id}`, { visibility: "public" })
      const people = yield* Effect.forEach(["admin", "member"] as const, (role) =>
        Effect.gen(function*() {
          const person = yield* muster.person(role)
          yield* muster.member(person, home, role)
          return muster.as(person.token, home)
        }))
      const [admin, member] = people as [typeof people[0], typeof people[0]]
      const refused = yield* member.post(`/api/runtimes/${own.id}/update`, target)
      assert.deepStrictEqual([refused.status, refused.json.error], [
        403,
        "insufficient permissions: only the owner of this runtime and owners and admins of the workspace can update it; " +
        "ask ana"
      ])
      const { json, status } = yield* admin.post(`/api/runtimes/${own.id}/update`, target)
      assert.deepStrictEqual([status, json.status, json.target_version], [200, "pending", "1.2.3"])
      assert.strictEqual((yield* member.get(`/api/runtimes/${own.id}/update/${json.id}`)).status, 200)
    }))

  it.effect("8.10 an offline runtime can be asked; a second concurrent update is a conflict", () =>
    Effect.gen(function*() {
      const { home, me, muster } = yield* startHome()
      const claude = yield* muster.runtime(home, { provider: "claude", status: "offline" })
      const path = `/api/runtimes/${claude.id}/update`
      assert.strictEqual((yield* me.post(path, target)).status, 200)
      const second = yield* me.post(path, target)
      assert.deepStrictEqual([second.status, second.json.error], [
        409,
        "an update is already in progress for this runtime"
      ])
      yield* TestClock.adjust(120_001)
      assert.strictEqual((yield* me.post(path, target)).status, 200)
    }))

  it.effect("8.10 the version is validated", () =>
    Effect.gen(function*() {
      const { codex, me } = yield* startHome()
      const said = (body: unknown) =>
        Effect.map(me.post(`/api/runtimes/${codex.id}/update`, body), ({ json, status }) => [status, json.error])
      const version = "target_version must be a version such as 1.2.3"
      for (
        const [body, error] of [
          [{}, "target_version is required"],
          [{ target_version: "  " }, "target_version is required"],
          [{ target_version: null }, "target_version is required"],
          [{ target_version: 7 }, "invalid request body"],
          ["junk", "invalid request body"],
          [{ target_version: "latest" }, version],
          [{ target_version: "1.2" }, version],
          [{ target_version: "1.2.3; rm -rf /" }, version],
          [{ target_version: `1.2.3-${"a".repeat(59)}` }, version]
        ] as const
      ) {
        assert.deepStrictEqual(yield* said(body), [400, error])
      }
      const { json } = yield* me.post(`/api/runtimes/${codex.id}/update`, { target_version: " v1.2.3-rc.1 " })
      assert.strictEqual(json.target_version, "v1.2.3-rc.1")
    }))

  it.effect("7.9 `running` acknowledges and changes nothing; another status is 400; the report has the output", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/update`, target)).json
      const { json } = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.deepStrictEqual(json.pending_update, { id, ...target })
      const report = (body: object) => daemon.post(`/api/daemon/runtimes/${codex.id}/update/${id}/result`, body)
      const look = Effect.map(me.get(`/api/runtimes/${codex.id}/update/${id}`), ({ json }) => json)
      assert.strictEqual((yield* report({ status: "running" })).status, 200)
      assert.strictEqual((yield* look).status, "running")
      const odd = yield* report({ status: "dancing" })
      assert.deepStrictEqual([odd.status, odd.json.error], [400, "invalid status: dancing"])
      yield* report({ status: "completed", output: "Updated to 1.2.3" })
      assert.deepInclude(yield* look, { status: "completed", output: "Updated to 1.2.3", ...target })
      const absent = yield* me.get(`/api/runtimes/${codex.id}/update/${"0".repeat(32)}`)
      assert.deepStrictEqual([absent.status, absent.json.error], [404, "update not found"])
    }))
})
