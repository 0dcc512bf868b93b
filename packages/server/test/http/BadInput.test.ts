import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Answer } from "../support/Http.ts"
import { rawRequest, rawText } from "../support/Raw.ts"
import { startHome } from "../support/Scene.ts"

const mebibyte = 1024 * 1024

/** A refusal with its reason, for people and for machines, and nothing else. */
const assertRefusal = ({ json, status, text }: Pick<Answer, "status" | "json" | "text">) => {
  assert.isAtLeast(status, 400, text)
  assert.isBelow(status, 500, text)
  assert.deepStrictEqual(Object.keys(json ?? {}).toSorted(), ["code", "error"], text)
}

const startPosts = Effect.gen(function*() {
  const scene = yield* startHome()
  /** Of an open request: a refused report ends its own. */
  const path = (template: string) =>
    Effect.map(
      scene.waitingRequest(scene.codex.id),
      ({ id }) => template.replace("{runtime}", scene.codex.id).replace("{request}", id)
    )
  return { ...scene, path }
})

/** Every route that reads a body, and a JSON text that is not valid there with any padding. */
const readers = [
  "POST /api/tokens",
  "POST /api/workspaces",
  "PATCH /api/runtimes/{runtime}",
  "POST /api/daemon/register",
  "POST /api/daemon/deregister",
  "POST /api/daemon/heartbeat",
  "POST /api/daemon/runtimes/{runtime}/models/{request}/result"
] as const

const junk = [
  "",
  " ",
  "{",
  "}",
  "nul",
  "null",
  "[]",
  "[{}]",
  "1",
  "true",
  "\"text\"",
  "{\"a\":1}{",
  "\u0000",
  "{'a':1}"
]

const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`

describe("X-03 bodies", () => {
  it.effect.each(readers)(
    "%s: more than 1 MiB is 413, with or without a declared size",
    (route) =>
      Effect.gen(function*() {
        const { ana, home, muster, path } = yield* startPosts
        const body = JSON.stringify({ name: "x".repeat(mebibyte) })
        const headers = [
          `Authorization: Bearer ${ana.token}`,
          `X-Workspace-ID: ${home}`,
          "Content-Type: application/json"
        ]
        const answers = [
          yield* rawRequest(
            muster.url,
            rawText(yield* path(route), [...headers, `Content-Length: ${body.length}`], body)
          ),
          yield* rawRequest(
            muster.url,
            rawText(
              yield* path(route),
              [...headers, "Transfer-Encoding: chunked"],
              `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
            )
          )
        ]
        for (const answer of answers) {
          assert.deepStrictEqual([answer.status, answer.json], [413, {
            error: "request body is larger than 1 MiB",
            code: "too_large"
          }])
        }
      })
  )

  it.effect("a body of exactly 1 MiB is read", () =>
    Effect.gen(function*() {
      const { codex, daemon } = yield* startHome()
      const body = JSON.stringify({ runtime_id: codex.id })
      assert.strictEqual((yield* daemon.post("/api/daemon/heartbeat", body.padEnd(mebibyte))).status, 200)
      assert.strictEqual((yield* daemon.post("/api/daemon/heartbeat", body.padEnd(mebibyte + 1))).status, 413)
    }))

  it.effect.each(readers)("%s: junk is 400 in the error's form, never 5xx", (route) =>
    Effect.gen(function*() {
      const { me, path } = yield* startPosts
      for (const body of junk) {
        const [method, target] = (yield* path(route)).split(" ") as [string, string]
        const answer = yield* method === "PATCH" ? me.patch(target, body) : me.post(target, body)
        // Each route decides about an object without what it needs, or with unknown fields only.
        assertRefusal(answer)
        assert.strictEqual(answer.status, 400)
      }
    }))

  it.effect.each(
    [
      ["POST /api/tokens", `{"name":@}`],
      ["POST /api/workspaces", `{"name":"a","slug":"a","context":@}`],
      ["PATCH /api/runtimes/{runtime}", `{"timezone":@}`],
      ["POST /api/daemon/register", `{"daemon_id":"d","runtimes":@}`],
      ["POST /api/daemon/deregister", `{"runtime_ids":@}`],
      ["POST /api/daemon/heartbeat", `{"runtime_id":@}`],
      ["POST /api/daemon/runtimes/{runtime}/models/{request}/result", `{"status":@}`],
      ["POST /api/daemon/runtimes/{runtime}/models/{request}/result", `{"status":"completed","models":@}`]
    ] as const
  )("%s with %s nested 400,000 deep: 400", ([route, body]) =>
    Effect.gen(function*() {
      const { me, path } = yield* startPosts
      const [method, target] = (yield* path(route)).split(" ") as [string, string]
      const text = body.replace("@", deep(400_000))
      const answer = yield* method === "PATCH" ? me.patch(target, text) : me.post(target, text)
      assertRefusal(answer)
    }))

  it.effect("an unknown field nested 400,000 deep is ignored like any unknown field", () =>
    Effect.gen(function*() {
      const { codex, me, path } = yield* startPosts
      const beat = yield* me.post("/api/daemon/heartbeat", `{"extra":${deep(400_000)},"runtime_id":"${codex.id}"}`)
      const report = yield* me.post(
        yield* path("/api/daemon/runtimes/{runtime}/models/{request}/result"),
        `{"extra":${deep(400_000)},"status":"completed","models":[]}`
      )
      assert.deepStrictEqual([beat.status, report.status], [200, 200])
    }))

  it.effect("bytes that are not UTF-8 are read as the replacement character, without a 5xx", () =>
    Effect.gen(function*() {
      const { ana, muster } = yield* startHome()
      const body = Buffer.concat([Buffer.from("{\"name\":\""), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from("\"}")])
      const head = rawText("POST /api/tokens", [
        `Authorization: Bearer ${ana.token}`,
        "Content-Type: application/json",
        `Content-Length: ${body.length}`
      ])
      const answer = yield* rawRequest(muster.url, Buffer.concat([Buffer.from(head), body]))
      assert.deepStrictEqual([answer.status, answer.json.name], [201, "\ufffd(\ufffd"])
    }))

  it.effect.each(["application/json", "application/json; charset=utf-8", "application/JSON"])(
    "a body of type %s is read",
    (type) =>
      Effect.gen(function*() {
        const { codex, daemon, home } = yield* startHome()
        const headers = { "content-type": type }
        const beat = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }, headers)
        const body = { workspace_id: home, daemon_id: "daemon-1", runtimes: [{ type: "codex" }] }
        const registered = yield* daemon.post("/api/daemon/register", body, headers)
        assert.deepStrictEqual([beat.status, registered.status], [200, 200])
      })
  )

  it.effect.each(["", "text/plain", "application/x-www-form-urlencoded"])(
    "F-18 a body of type %j is read by every daemon route, and refused with 415 by the routes of people",
    (type) =>
      Effect.gen(function*() {
        const { codex, daemon, home, me, path } = yield* startPosts
        const headers = { "content-type": type }
        const beat = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }, headers)
        const result = yield* path("/api/daemon/runtimes/{runtime}/models/{request}/result")
        const report = yield* daemon.post(result, { status: "completed" }, headers)
        const body = { workspace_id: home, daemon_id: "daemon-1", runtimes: [{ type: "codex" }] }
        const registered = yield* daemon.post("/api/daemon/register", body, headers)
        const left = yield* daemon.post("/api/daemon/deregister", { runtime_ids: [codex.id] }, headers)
        assert.deepStrictEqual([beat.status, report.status, registered.status, left.status], [200, 200, 200, 200])
        const person = yield* me.post("/api/tokens", { name: "a" }, headers)
        assert.strictEqual(person.status, 415)
        assertRefusal(person)
      })
  )
})
