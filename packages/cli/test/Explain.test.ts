import { assert, describe, it } from "@effect/vitest"
import { type Api, Request } from "@muster/domain"
import { Effect } from "effect"
import { runtime } from "./support/Fixtures.ts"
import { runMuster, signedIn } from "./support/runMuster.ts"
import { scriptedServer } from "./support/ScriptedServer.ts"

const id = Request.RequestId.make("a".repeat(32))

const explanation: Api.ExplanationRecord = {
  id,
  runtimeId: runtime("1").id,
  kind: "model_list",
  status: "running",
  createdBy: null,
  createdAt: 0,
  runtimeName: "Opencode 1",
  runtimeGone: false,
  createdOn: "web-1",
  deliveries: [{ at: 0, via: "socket", on: "web-2" }],
  end: null,
  text: "This model list request was made 2 s ago.\u001B[31m It was delivered.",
  replica: "web-1",
  runtime: { name: "Opencode 1", status: "online", lastBeatAt: 0 },
  heard: { on: "web-2", via: "socket", since: 0 },
  coming: [{ what: "limit", at: 60_000, text: "if no report arrives, it times out in 60 s" }]
}

const muster = Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
  const server = yield* scriptedServer({ runtimes: [runtime("1")], explanations: [explanation] })
  return yield* runMuster(args, signedIn(server.url))
})

describe("muster explain and muster requests", () => {
  it.live("explains why a request waits, on one line, and with --json in parts", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* muster("explain", id.toUpperCase())
      assert.deepStrictEqual(
        [code, stdout],
        [0, "This model list request was made 2 s ago. [31m It was delivered.\n"]
      )
      const document = JSON.parse((yield* muster("explain", id, "--json")).stdout)
      assert.deepInclude(document, { id, status: "running", replica: "web-1", created_at: "1970-01-01T00:00:00.000Z" })
      assert.deepStrictEqual(document.coming[0].at, "1970-01-01T00:01:00.000Z")
    }))

  it.live("C-06 an unknown request is exit code 4, and the error states where the ids are", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* muster("explain", "b".repeat(32))
      assert.strictEqual(code, 4)
      assert.match(stderr, /this workspace has no such request: .*\nnext: {2}list the ids: muster requests\n$/)
    }))

  it.live("C-06 a malformed request id is exit code 2, before any call to the server", () =>
    Effect.forEach(["", " ", "c53", "../skills", "x".repeat(32)], (text) =>
      Effect.gen(function*() {
        const { code, stderr } = yield* runMuster(["explain", text])
        assert.strictEqual(code, 2)
        assert.match(stderr, /^error: this is not a request id: .*\nnext: {2}list the ids: muster requests\n$/)
      })))

  it.live("lists the latest requests and their results", () =>
    Effect.gen(function*() {
      const { stdout } = yield* muster("requests", "--limit", "5")
      assert.match(
        stdout,
        /^ID +KIND +RUNTIME +STATUS +CREATED +DELIVERED\na{32} +model list +Opencode 1 +running +\d+ d ago +1, socket$/m
      )
      assert.strictEqual(JSON.parse((yield* muster("requests", "--json")).stdout).requests[0].id, id)
      assert.strictEqual((yield* muster("requests", "--limit", "101")).code, 2)
    }))
})
