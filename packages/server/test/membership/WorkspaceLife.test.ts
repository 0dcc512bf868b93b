import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { type Answer } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"

const said = ({ json, status }: Answer) => [status, json?.error]

describe("the life of a workspace", () => {
  it.effect("3.9 A-10 a workspace is shown, renamed by PATCH and PUT, and what is left out stays", () =>
    Effect.gen(function*() {
      const { home, me } = yield* startHome()
      const at = `/api/workspaces/${home}`
      yield* TestClock.adjust("1 minute")
      const renamed = yield* me.patch(at, { name: " Lab ", slug: "LAB", unknown: 1 })
      assert.deepStrictEqual([renamed.status, renamed.json], [200, {
        id: home,
        name: "Lab",
        slug: "lab",
        description: null,
        context: null,
        settings: {},
        repos: [],
        issue_prefix: "T",
        created_at: "1970-01-01T00:00:00Z",
        updated_at: "1970-01-01T00:01:00Z"
      }])
      const more = { description: "d", context: "c", settings: { a: 1 }, repos: [{ url: "u" }], issue_prefix: "LAB" }
      assert.deepStrictEqual((yield* me.put(at, more)).json, { ...renamed.json, ...more })
      const emptied = (yield* me.patch(at, { description: "", context: null })).json
      assert.deepStrictEqual([emptied.description, emptied.context], [null, "c"])
      assert.deepStrictEqual((yield* me.get(at)).json, emptied)
    }))

  it.effect("3.9 A-10 a change that cannot be made says why", () =>
    Effect.gen(function*() {
      const { ana, home, me, muster } = yield* startHome()
      yield* muster.workspace("other", ana)
      const edit = (body: object) => Effect.map(me.patch(`/api/workspaces/${home}`, body), said)
      assert.deepStrictEqual(yield* edit({ name: "" }), [400, "name is required"])
      assert.deepStrictEqual(yield* edit({ slug: "" }), [400, "slug is required"])
      assert.deepStrictEqual(yield* edit({ slug: "api" }), [400, "slug is reserved"])
      const slug = "slug must contain only lowercase letters, numbers, and hyphens"
      assert.deepStrictEqual(yield* edit({ slug: "a b" }), [400, slug])
      assert.deepStrictEqual(yield* edit({ slug: "other" }), [409, "workspace slug already exists"])
      const large = { a: "x".repeat(5_000) }
      assert.deepStrictEqual(yield* edit({ settings: large }), [
        400,
        "settings must be JSON of at most 4096 characters"
      ])
      assert.deepStrictEqual(yield* edit({ settings: [] }), [400, "invalid request body"])
      assert.strictEqual((yield* me.get(`/api/workspaces/${home}`)).json.name, "home")
      assert.deepStrictEqual(said(yield* me.get("/api/workspaces/x")), [400, "invalid workspace_id"])
    }))

  it.effect("A-10 a deletion lists what is lost, wants the slug, and leaves nothing", () =>
    Effect.gen(function*() {
      const { ana, codex, home, me, muster, waitingRequest } = yield* startHome()
      const at = `/api/workspaces/${home}`
      yield* me.post(`/api/runtimes/${codex.id}/ping`)
      yield* waitingRequest(codex.id)
      yield* TestClock.adjust("2 seconds")
      const contents = (yield* me.get(`${at}/contents`)).json
      assert.deepStrictEqual(contents, {
        members: 1,
        invitations: 0,
        runtimes: 1,
        machines: 0,
        daemon_tokens: 0,
        skills: 0,
        requests: 1
      })
      const sentence = "this deletes 1 member, 1 runtime, 1 past request: repeat it with confirm=home"
      for (const query of ["", "?confirm=HOME"]) {
        assert.deepStrictEqual(said(yield* me.delete(at + query)), [400, sentence])
      }
      assert.strictEqual((yield* me.delete(`${at}?confirm=home`)).status, 204)
      assert.deepStrictEqual(said(yield* me.delete(`${at}?confirm=home`)), [404, "workspace not found"])
      for (const path of ["/api/runtimes", "/api/skills", "/api/requests", "/api/members", at]) {
        assert.deepStrictEqual(said(yield* me.get(path)), [404, "workspace not found"])
      }
      assert.deepStrictEqual((yield* me.get("/api/workspaces")).json, [])
      assert.deepStrictEqual(said(yield* me.get(`/api/runtimes/${codex.id}`)), [404, "workspace not found"])
      const found = yield* Effect.orDie(muster.registry.find(codex.id))
      assert.deepStrictEqual(found, { _tag: "Gone", reason: "workspace_deleted", by: ana.id, at: 2_000 })
      assert.strictEqual((yield* me.post("/api/workspaces", { name: "Home", slug: "home" })).status, 201)
    }))

  it.effect("A-07 a deletion is in the log of the person's other workspaces", () =>
    Effect.gen(function*() {
      const { ana, home, me, muster } = yield* startHome()
      const other = (yield* muster.workspace("other", ana)).id
      yield* me.delete(`/api/workspaces/${home}?confirm=home`)
      const { json } = yield* muster.as(ana.token, other).get("/api/audit")
      assert.deepStrictEqual(
        json.events.map(({ action, details }: any) => [action, details]),
        [["workspace.delete", { slug: "home", runtimes: 1 }]]
      )
    }))
})
