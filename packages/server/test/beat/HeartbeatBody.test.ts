import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { startHome } from "../support/Scene.ts"

const path = "/api/daemon/heartbeat"

const unknownId = "11111111-2222-4333-8444-555555555555"

/** `docs/protocol.md` 5.4, in its order. */
const refused = [
  ["an empty body", "", 400, "invalid request body"],
  ["no JSON", "{\"runtime_id\":", 400, "invalid request body"],
  ["a list", "[]", 400, "invalid request body"],
  ["a number as the id", { runtime_id: 7 }, 400, "invalid request body"],
  ["a word as the flag", { runtime_id: "junk", supports_batch_import: "yes" }, 400, "invalid request body"],
  [
    "a word as the flag of a known form of id",
    { runtime_id: unknownId, supports_pacing: "yes" },
    400,
    "invalid request body"
  ],
  ["null as the flag", { runtime_id: unknownId, supports_batch_import: null }, 404, "runtime not found"],
  ["no id", {}, 400, "runtime_id is required"],
  ["null as the id", { runtime_id: null }, 400, "runtime_id is required"],
  ["an empty id", { runtime_id: "" }, 400, "runtime_id is required"],
  ["junk", { runtime_id: "junk" }, 400, "invalid runtime_id"],
  ["31 hex digits", { runtime_id: "0".repeat(31) }, 400, "invalid runtime_id"],
  ["an id in braces", { runtime_id: "{11111111-2222-4333-8444-555555555555}" }, 400, "invalid runtime_id"],
  ["an unknown id", { runtime_id: unknownId }, 404, "runtime not found"]
] as const

/** Spellings of one id. */
const spellings = [
  ["lower case", (id: string) => id],
  ["upper case", (id: string) => id.toUpperCase()],
  ["32 hex digits", (id: string) => id.replaceAll("-", "")],
  ["32 hex digits in upper case", (id: string) => id.replaceAll("-", "").toUpperCase()]
] as const

describe("the body of a beat over HTTP", () => {
  it.effect.each(refused)("5.4 %s: %s", ([, body, status, error]) =>
    Effect.gen(function*() {
      const { daemon } = yield* startHome()
      const answer = yield* daemon.post(path, body)
      assert.deepStrictEqual([answer.status, answer.json.error], [status, error])
    }))

  it.effect.each(spellings)("5.4 an id in %s returns the same runtime's work", ([, spell]) =>
    Effect.gen(function*() {
      const { codex, daemon, waitingRequest } = yield* startHome()
      const { id } = yield* waitingRequest(codex.id)
      const answer = yield* daemon.post(path, { runtime_id: spell(codex.id), unknown: [1] })
      assert.deepStrictEqual([answer.status, answer.json], [200, { status: "ok", pending_model_list: { id } }])
    }))

  it.effect("5.4 an idle answer is exactly the protocol's bytes", () =>
    Effect.gen(function*() {
      const { codex, daemon } = yield* startHome()
      const { headers, text } = yield* daemon.post(path, { runtime_id: codex.id })
      assert.strictEqual(text, "{\"status\":\"ok\"}\n")
      assert.strictEqual(headers.get("content-type"), "application/json")
    }))
})
