import { assert, describe, it } from "@effect/vitest"
import type { Identity } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startHome } from "../support/Scene.ts"
import { type AnyCall, Outage } from "../support/Stores.ts"

const unknown = "11111111-2222-4333-8444-555555555555"

/** Ana's workspace with a runtime of hers, and Bob in it with a role. */
const startWithBob = Effect.fnUntraced(function*(role: Identity.Role) {
  const scene = yield* startHome()
  const bob = yield* scene.muster.person("bob")
  yield* scene.muster.member(bob, scene.home, role)
  return { ...scene, bob, his: scene.muster.as(bob.token, scene.home) }
})

describe("runtimes, for people", () => {
  it.effect("8.1 the list is a bare array of the workspace's runtimes, oldest first, with any owner", () =>
    Effect.gen(function*() {
      const { ana, codex, his, home, muster } = yield* startWithBob("member")
      yield* TestClock.adjust("1 second")
      const claude = yield* muster.runtime(home, { provider: "claude", status: "offline" })
      yield* muster.runtime((yield* muster.workspace("other", ana)).id)
      const answer = yield* his.get("/api/runtimes")
      assert.strictEqual(answer.status, 200)
      assert.deepStrictEqual(answer.json.map(({ id, status }: any) => [id, status]), [
        [codex.id, "online"],
        [claude.id, "offline"]
      ])
      assert.deepStrictEqual(answer.json[0], {
        id: codex.id,
        workspace_id: home,
        daemon_id: "daemon-1",
        name: "Codex (box)",
        runtime_mode: "local",
        provider: "codex",
        launch_header: "codex app-server",
        status: "online",
        device_info: "box",
        metadata: { version: "1.0.0", cli_version: "0.3.1", launched_by: "" },
        owner_id: ana.id,
        visibility: "private",
        timezone: "UTC",
        last_seen_at: "1970-01-01T00:00:00Z",
        created_at: "1970-01-01T00:00:00Z",
        updated_at: "1970-01-01T00:00:00Z"
      })
    }))

  it.effect("8.1 `owner=me` returns the caller's only; another value filters nothing", () =>
    Effect.gen(function*() {
      const { bob, codex, his, home, muster } = yield* startWithBob("member")
      const claude = yield* muster.runtime(home, { daemon: "daemon-2", provider: "claude", owner: bob.id })
      const mine = yield* his.get("/api/runtimes?owner=me")
      const all = yield* his.get("/api/runtimes?owner=you")
      const ids = (answer: { readonly json: any }) => answer.json.map(({ id }: any) => id)
      assert.deepStrictEqual([ids(mine), ids(all)], [[claude.id], [codex.id, claude.id]])
    }))

  it.effect("one runtime by its id, in any spelling of the id", () =>
    Effect.gen(function*() {
      const { codex, me } = yield* startHome()
      for (const id of [codex.id, codex.id.toUpperCase(), codex.id.replaceAll("-", "")]) {
        const answer = yield* me.get(`/api/runtimes/${id}`)
        assert.deepStrictEqual([answer.status, answer.json.id], [200, codex.id])
      }
    }))

  it.effect.each(["GET", "PATCH", "DELETE", "POST models", "GET models"])(
    "2.4 `%s` of a runtime: junk 400, unknown 404, in a workspace of others 404, dead store 500",
    (call) =>
      Effect.gen(function*() {
        const outage = new Outage()
        const { codex, me, muster } = yield* startHome({
          wraps: { registry: (real) => ({ find: outage.guard("find", real.find) }) }
        })
        const hers = yield* muster.runtime((yield* muster.workspace("hers", yield* muster.person("eve"))).id)
        const ask = (id: string) => {
          const path = `/api/runtimes/${id}`
          switch (call) {
            case "GET":
              return me.get(path)
            case "PATCH":
              return me.patch(path, { name: "new" })
            case "DELETE":
              return me.delete(path)
            case "POST models":
              return me.post(`${path}/models`)
            default:
              return me.get(`${path}/models/${"0".repeat(32)}`)
          }
        }
        const answers = yield* Effect.forEach(["junk", unknown, hers.id], ask)
        outage.down = true
        const fault = yield* ask(codex.id)
        assert.deepStrictEqual([...answers, fault].map(({ json, status }) => [status, json.error]), [
          [400, "invalid runtime_id"],
          [404, "runtime not found"],
          [404, "runtime not found"],
          [500, "failed to load runtime"]
        ])
      })
  )

  it.effect.each(["owner", "admin"] as const)(
    "8.3 the workspace's %s deletes another member's runtime: 200, and it is gone",
    (role) =>
      Effect.gen(function*() {
        const { bob, codex, his, muster } = yield* startWithBob(role)
        const answer = yield* his.delete(`/api/runtimes/${codex.id}`)
        assert.deepStrictEqual([answer.status, answer.json], [200, { status: "ok" }])
        const found = yield* Effect.orDie(muster.registry.find(codex.id))
        assert.deepStrictEqual(found, { _tag: "Gone", reason: "deleted", by: bob.id, at: 0 })
        const again = yield* his.delete(`/api/runtimes/${codex.id}`)
        assert.deepStrictEqual([again.status, again.json.error], [404, "runtime not found"])
      })
  )

  it.effect("8.3 a member may neither delete nor edit another's runtime: 403; nor one without an owner", () =>
    Effect.gen(function*() {
      const { codex, his, home, muster } = yield* startWithBob("member")
      const nobodys = yield* muster.runtime(home, { provider: "claude" })
      for (const { id } of [codex, nobodys]) {
        const deleted = yield* his.delete(`/api/runtimes/${id}`)
        const edited = yield* his.patch(`/api/runtimes/${id}`, { name: "mine now" })
        assert.deepStrictEqual([deleted.status, deleted.json], [403, {
          error: "you can only delete your own runtimes",
          code: "forbidden"
        }])
        assert.deepStrictEqual([edited.status, edited.json.error], [403, "you can only edit your own runtimes"])
        // The permission is checked before the body.
        assert.strictEqual((yield* his.patch(`/api/runtimes/${id}`, "{")).status, 403)
      }
      assert.strictEqual((yield* his.get(`/api/runtimes/${codex.id}`)).json.name, "Codex (box)")
    }))

  it.effect("F-25 an admin takes over the runtimes of a daemon: logged, and from then on they are the admin's", () =>
    Effect.gen(function*() {
      const { ana, bob, codex, daemon, his, home, me, muster } = yield* startWithBob("admin")
      const claude = yield* muster.runtime(home, { provider: "claude" })
      const taken = yield* his.post(`/api/runtimes/${codex.id}/take-over`)
      assert.deepStrictEqual([taken.status, taken.json.owner_id], [200, bob.id])
      const owners = Effect.map(me.get("/api/runtimes"), ({ json }) => json.map((row: any) => row.owner_id))
      assert.deepStrictEqual(yield* owners, [bob.id, bob.id])

      const body = { workspace_id: home, daemon_id: "daemon-1", runtimes: [{ type: "codex" }, { type: "claude" }] }
      const refused = yield* daemon.post("/api/daemon/register", body)
      assert.deepStrictEqual([refused.status, refused.json.code], [403, "daemon_of_another"])
      const registered = yield* his.post("/api/daemon/register", body)
      assert.deepStrictEqual(registered.json.runtimes.map(({ id }: any) => id), [codex.id, claude.id])

      const lines = muster.lines.filter(({ message }) => message === "runtimes of a daemon taken over")
      assert.deepStrictEqual(lines.map(({ annotations, level }) => [level, annotations]), [["Info", {
        workspace_id: home,
        daemon_id: "daemon-1",
        runtime_ids: `${codex.id},${claude.id}`,
        from_user_id: ana.id,
        user_id: bob.id
      }]])
    }))

  it.effect("8.3 a member deletes and edits their own", () =>
    Effect.gen(function*() {
      const { bob, his, home, muster } = yield* startWithBob("member")
      const { id } = yield* muster.runtime(home, { daemon: "daemon-2", provider: "claude", owner: bob.id })
      const edit = { name: " laptop ", timezone: "Asia/Tokyo", visibility: "public", unknown: 1 }
      const edited = yield* his.patch(`/api/runtimes/${id}`, edit)
      assert.deepStrictEqual(
        [edited.status, edited.json.name, edited.json.timezone, edited.json.visibility],
        [200, "laptop", "Asia/Tokyo", "public"]
      )
      assert.strictEqual((yield* his.delete(`/api/runtimes/${id}`)).status, 200)
    }))

  it.effect.each(
    [
      [{ timezone: "Mars/Olympus", name: "x" }, "invalid IANA timezone"],
      [{ name: "x", visibility: "secret" }, "visibility must be 'private' or 'public'"],
      [{ visibility: "public", name: " " }, "name must be 1 to 256 characters"],
      [{ name: 1 }, "invalid JSON body"]
    ] as const
  )("8.2 a change to %j: 400, and nothing changes", ([body, error]) =>
    Effect.gen(function*() {
      const { codex, me } = yield* startHome()
      const before = (yield* me.get(`/api/runtimes/${codex.id}`)).json
      const answer = yield* me.patch(`/api/runtimes/${codex.id}`, body)
      assert.deepStrictEqual([answer.status, answer.json.error], [400, error])
      assert.deepStrictEqual((yield* me.get(`/api/runtimes/${codex.id}`)).json, before)
    }))

  it.effect("who may use a runtime chooses its default model, and nothing else of it", () =>
    Effect.gen(function*() {
      const { codex, his, me } = yield* startWithBob("member")
      const at = `/api/runtimes/${codex.id}`
      const choose = (by: typeof me, body: object) =>
        Effect.map(by.patch(at, body), ({ json, status }) => [status, json.default_model ?? json.error])
      assert.notProperty((yield* me.get(at)).json, "default_model")
      assert.deepStrictEqual(yield* choose(his, { default_model: "gpt-5" }), [
        403,
        "you can only edit your own runtimes"
      ])
      assert.deepStrictEqual(yield* choose(me, { default_model: " gpt-5 " }), [200, "gpt-5"])
      assert.deepStrictEqual(yield* choose(me, { visibility: "public", default_model: null }), [200, "gpt-5"])
      assert.deepStrictEqual(yield* choose(his, { default_model: "gpt-6" }), [200, "gpt-6"])
      const refused = [403, "you can only edit your own runtimes"]
      for (const body of [{ name: "x" }, { default_model: "gpt-7", name: "x" }, {}]) {
        assert.deepStrictEqual(yield* choose(his, body), refused)
      }
      const fleet = (yield* his.get("/api/fleet")).json
      assert.strictEqual(fleet.items[0].default_model, "gpt-6")
      const long = "default_model must be at most 256 characters"
      assert.deepStrictEqual(yield* choose(me, { default_model: "m".repeat(257) }), [400, long])
      assert.strictEqual((yield* me.patch(at, { default_model: "" })).status, 200)
      assert.notProperty((yield* me.get(at)).json, "default_model")
      yield* TestClock.adjust("1 second")
      const { events } = (yield* me.get("/api/audit?action=runtime.model")).json
      assert.deepStrictEqual(events.map(({ details }: any) => details), [
        { from: "gpt-6", to: null },
        { from: "gpt-5", to: "gpt-6" },
        { from: null, to: "gpt-5" }
      ])
    }))

  it.effect("only the owner of a private runtime chooses its default model", () =>
    Effect.gen(function*() {
      const { codex, his } = yield* startWithBob("admin")
      const answer = yield* his.patch(`/api/runtimes/${codex.id}`, { default_model: "gpt-5" })
      const why = "insufficient permissions: this runtime is private, only its owner can use it; "
      assert.deepStrictEqual([answer.status, answer.json.error], [
        403,
        `${why}make it public first, or ask ana to do so`
      ])
      assert.strictEqual((yield* his.patch(`/api/runtimes/${codex.id}`, { name: "x" })).status, 200)
    }))

  it.effect("8.2 an empty timezone means UTC", () =>
    Effect.gen(function*() {
      const { codex, me } = yield* startHome()
      yield* me.patch(`/api/runtimes/${codex.id}`, { timezone: "Asia/Tokyo" })
      const answer = yield* me.patch(`/api/runtimes/${codex.id}`, { timezone: "" })
      assert.deepStrictEqual([answer.status, answer.json.timezone], [200, "UTC"])
    }))

  it.effect.each(
    [
      ["list", "failed to list runtimes"],
      ["edit", "failed to update runtime"],
      ["remove", "failed to delete runtime"]
    ] as const
  )("a registry whose `%s` is dead: 500 `%s`", ([operation, error]) =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { codex, me } = yield* startHome({
        wraps: { registry: (real) => ({ [operation]: outage.guard(operation, real[operation] as AnyCall) }) }
      })
      outage.down = true
      const answer = yield* operation === "list"
        ? me.get("/api/runtimes")
        : operation === "edit"
        ? me.patch(`/api/runtimes/${codex.id}`, { name: "new" })
        : me.delete(`/api/runtimes/${codex.id}`)
      assert.deepStrictEqual([answer.status, answer.json], [500, { error, code: "unavailable" }])
    }))

  it.effect("the sweep turns a silent runtime offline, in the list and for requests", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      yield* TestClock.adjust("3 minutes")
      assert.strictEqual((yield* me.get("/api/runtimes")).json[0].status, "offline")
      const asked = yield* me.post(`/api/runtimes/${codex.id}/models`)
      assert.deepStrictEqual([asked.status, asked.json.error], [503, "runtime is offline"])
    }))
})
