import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseServerUrl } from "../../src/client/ServerUrl.ts"

describe("the server's address", () => {
  it.effect.each([
    ["http://localhost:8080", "http://localhost:8080", "ws://localhost:8080"],
    [" http://localhost:8080/ ", "http://localhost:8080", "ws://localhost:8080"],
    ["ws://localhost:8080/ws", "http://localhost:8080", "ws://localhost:8080"],
    ["wss://muster.example/base/ws", "https://muster.example/base/ws", "wss://muster.example/base/ws"],
    ["https://user:pass@muster.example/base/?a=1#b", "https://muster.example/base", "wss://muster.example/base"]
  ])("%s", ([text, http, socket]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* parseServerUrl(text!), { http, socket })
    }))

  it.effect.each(["", "localhost:8080", "ftp://x", "/path"])("refuses %j", (text) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(parseServerUrl(text))
      assert.include(error.message, JSON.stringify(text))
    }))
})
