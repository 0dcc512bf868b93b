import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { request } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"

const id = "11111111-2222-4333-8444-555555555555"

/** Calls of a v0.3.1 daemon, or of a later one, that this server does not have. Source: `docs/protocol.md` 5, 9, 20. */
const daemonCalls = [
  ["GET", `/api/daemon/issues/${id}/gc-check`],
  ["GET", `/api/daemon/autopilot-runs/${id}/gc-check`],
  ["GET", "/api/daemon/issues/not-an-id/gc-check?x=1"],
  ["POST", `/api/daemon/tasks/${id}/cancel-ack`],
  ["POST", `/api/daemon/runtimes/${id}/tasks/${id}/prepare-lease`],
  ["POST", "/api/daemon/what-a-later-release-adds"],
  ["DELETE", "/api/daemon/what-a-later-release-adds"]
] as const

/** Calls for which a later daemon falls back to the older way on a 404. */
const probes: ReadonlyArray<readonly [method: string, path: string, body?: object]> = [
  ["POST", "/api/daemon/tasks/claim", { daemon_id: "box", runtime_ids: [id], max_tasks: 4 }],
  ["GET", `/api/daemon/workspaces/${id}/runtime-profiles`],
  ["POST", `/api/daemon/workspaces/${id}/issues/gc-check`],
  ["POST", "/api/tokens/current/renew"]
]

/** Answers that a daemon reads as "deleted". Source: `docs/protocol.md` 1.5, 9.10. */
const gone = /(runtime|task|workspace|issue|chat session|autopilot run) not found/i

describe("requests without a route", () => {
  it.effect("F-01 an unsupported call of a daemon is 501, so that no daemon deletes anything", () =>
    Effect.gen(function*() {
      const { ana, muster } = yield* startHome()
      for (const [method, path] of daemonCalls) {
        const { json, status, text } = yield* request(muster.url, method, path, {
          token: ana.token,
          ...(method === "POST" ? { body: {} } : {})
        })
        assert.deepStrictEqual([path, status, json?.code], [path, 501, "not_supported"])
        assert.notMatch(text, gone)
      }
    }))

  it.effect("F-01 a newer daemon's probe is a plain 404 without a phrase that means gone", () =>
    Effect.gen(function*() {
      const { ana, muster } = yield* startHome()
      for (const [method, path, body] of probes) {
        const { json, status, text } = yield* request(muster.url, method, path, { token: ana.token, body })
        assert.deepStrictEqual([path, status, json?.code], [path, 404, "no_route"])
        assert.notMatch(text, gone)
      }
    }))

  it.effect("F-01 there is no task to claim and no orphan to recover, and both calls are 200", () =>
    Effect.gen(function*() {
      const { codex, daemon } = yield* startHome()
      const claim = yield* daemon.post(`/api/daemon/runtimes/${codex.id}/tasks/claim`, {})
      assert.deepStrictEqual([claim.status, claim.json], [200, { task: null }])
      const orphans = yield* daemon.post(`/api/daemon/runtimes/${codex.id}/recover-orphans`, {})
      assert.deepStrictEqual([orphans.status, orphans.json], [200, { orphaned: 0, retried: 0 }])
    }))

  it.effect("F-20, P-08 HEAD has the response of GET, without a body", () =>
    Effect.gen(function*() {
      const { ana, me, muster } = yield* startHome()
      for (const path of ["/healthz", "/readyz", "/openapi.json", "/docs", "/api/me", "/api/workspaces", "/api/none"]) {
        const get = yield* me.get(path)
        const head = yield* request(muster.url, "HEAD", path, { token: ana.token })
        assert.deepStrictEqual([path, head.status, head.text], [path, get.status, ""])
        assert.strictEqual(head.headers.get("content-type"), get.headers.get("content-type"))
      }
    }))

  it.effect("F-20, P-08 a wrong method on a known path is 405 with Allow, on every kind of route", () =>
    Effect.gen(function*() {
      const { codex, muster } = yield* startHome()
      const known = [
        ["PUT", "/api/me", "GET, HEAD, PATCH"],
        ["DELETE", "/api/daemon/heartbeat", "POST"],
        ["GET", "/api/daemon/register", "POST"],
        ["HEAD", "/api/daemon/register", "POST"],
        ["POST", `/api/runtimes/${codex.id}`, "GET, HEAD, PATCH, DELETE"],
        ["POST", "/healthz", "GET, HEAD"],
        ["POST", "/metrics", "GET, HEAD"],
        ["DELETE", "/openapi.json", "GET, HEAD"]
      ] as const
      for (const [method, path, allow] of known) {
        const { headers, json, status } = yield* request(muster.url, method, path)
        assert.deepStrictEqual([method, path, status, headers.get("allow")], [method, path, 405, allow])
        if (method !== "HEAD") assert.strictEqual(json.code, "method_not_allowed")
      }
      const options = yield* request(muster.url, "OPTIONS", "/api/me")
      assert.deepStrictEqual([options.status, options.headers.get("allow")], [204, "GET, HEAD, PATCH"])
    }))

  it.effect("F-20, P-08 an unknown address is a page for a browser and one sentence for a program", () =>
    Effect.gen(function*() {
      const { muster } = yield* startHome()
      const headers = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" }
      const page = yield* request(muster.url, "GET", "/no/such/page", { headers })
      assert.strictEqual(page.status, 404)
      assert.match(page.headers.get("content-type") ?? "", /^text\/html/)
      assert.include(page.headers.get("content-security-policy") ?? "", "default-src 'none'")
      assert.include(page.text, "Page not found")
      for (const [path, accept] of [["/no/such/page", "*/*"], ["/api/none", headers.accept]] as const) {
        const { json, status } = yield* request(muster.url, "GET", path, { headers: { accept } })
        assert.deepStrictEqual([status, json], [404, { error: "no such page", code: "no_route" }])
      }
    }))
})
