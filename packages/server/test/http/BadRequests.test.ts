import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { rawRequest, rawText } from "../support/Raw.ts"
import { startHome } from "../support/Scene.ts"

/** Request lines that no client of ours sends. */
const lines = [
  "GET /api/runtimes/%zz",
  "GET /api/runtimes/%",
  "GET /api/runtimes/%00",
  "GET /api/runtimes/%ff%fe",
  "GET /api/runtimes/..%2f..%2fetc%2fpasswd",
  "GET /api/runtimes?workspace_id=%zz",
  "GET /api/runtimes?workspace_id=%00",
  "GET /api/runtimes?workspace_id=a&workspace_id=b",
  "GET /api/runtimes?workspace_slug=%00",
  `GET /api/runtimes/${"a".repeat(8_000)}`,
  "GET //",
  "GET //api//runtimes",
  "GET /api/daemon/ws?runtime_ids=%zz",
  "GET /api/daemon/ws?runtime_ids=%00",
  "GET http://elsewhere.example:99999/api/daemon/ws?runtime_ids=a",
  "GET http://[/api/daemon/ws",
  "POST /api/daemon/runtimes/%zz/models/%zz/result",
  "DELETE /api/tokens/%zz",
  "GET ?",
  "GET /?",
  "PUT /api/me",
  "TRACE /api/me",
  "DELETE /api/daemon/heartbeat"
] as const

describe("X-03 requests", () => {
  it.effect.each(lines)("`%s` is 4xx in the error's form", (line) =>
    Effect.gen(function*() {
      const { ana, muster } = yield* startHome()
      const answer = yield* rawRequest(muster.url, rawText(line, [`Authorization: Bearer ${ana.token}`]))
      assert.isAtLeast(answer.status, 400, answer.text)
      assert.isBelow(answer.status, 500, answer.text)
      // What Node refuses before our code has no body.
      if (answer.text !== "") assert.deepStrictEqual(Object.keys(answer.json).toSorted(), ["code", "error"])
    }))

  it.effect.each(
    [
      ["a header of 1 MiB", `X-Long: ${"a".repeat(1024 * 1024)}`],
      ["3,000 headers", Array.from({ length: 3_000 }, (_, i) => `X-${i}: a`).join("\r\n")],
      ["a header without a colon", "nonsense"],
      ["two lengths", "Content-Length: 1\r\nContent-Length: 2"]
    ] as const
  )("%s: 4xx, and the server continues", ([, header]) =>
    Effect.gen(function*() {
      const { muster } = yield* startHome()
      const answer = yield* rawRequest(muster.url, rawText("GET /healthz", [header]))
      assert.isAtLeast(answer.status, 400)
      assert.isBelow(answer.status, 500)
      assert.strictEqual((yield* muster.nobody.get("/healthz")).status, 200)
    }))

  it.effect("a caller who disconnects in the middle of a body affects no other", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, muster } = yield* startHome()
      const head = rawText(
        "POST /api/daemon/heartbeat",
        [`Authorization: Bearer ${ana.token}`, "Content-Length: 100"],
        "{"
      )
      const left = yield* Effect.forkScoped(rawRequest(muster.url, head))
      yield* Effect.yieldNow
      left.interruptUnsafe()
      assert.strictEqual((yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })).status, 200)
    }))

  it.effect.each(["/no/such/page", "/api", "/api/", "/api/no", "/api/daemon", "/index.html"])(
    "%s: 404 with a sentence and a code",
    (path) =>
      Effect.gen(function*() {
        const { me } = yield* startHome()
        for (const answer of [yield* me.get(path), yield* me.post(path, {})]) {
          assert.strictEqual(answer.status, 404)
          assert.deepStrictEqual(answer.json, { error: "no such page", code: "no_route" })
          assert.match(answer.headers.get("content-type") ?? "", /^application\/json/)
        }
      })
  )
})
