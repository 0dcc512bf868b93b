import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { token } from "./support/Fixtures.ts"
import { makeHome, profileOf, runMuster, signedIn } from "./support/runMuster.ts"
import { deadServer, scriptedServer } from "./support/ScriptedServer.ts"

const saveProfile = (home: string, text: string) => {
  mkdirSync(`${home}/.muster`)
  writeFileSync(profileOf(home), text, { mode: 0o600 })
}

describe("the connection", () => {
  it.live("C-06 without any, the error states how to get one", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* runMuster(["runtimes"], { home: yield* makeHome })
      assert.strictEqual(code, 3)
      assert.match(stderr, /^error: you are not signed in .*\nnext: {2}start one on this machine \(npm start\)/)
    }))

  it.live("the environment takes precedence over the profile", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({})
      const home = yield* makeHome
      saveProfile(home, JSON.stringify({ server_url: "http://127.0.0.1:1", token: "mul_old" }))
      const { code } = yield* runMuster(["runtimes"], { home, ...signedIn(server.url) })
      assert.strictEqual(code, 0)
    }))

  it.live("a saved token is sent only to the server that it was saved for", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({})
      const home = yield* makeHome
      saveProfile(home, JSON.stringify({ server_url: "https://muster.example.com", token }))
      const { code, stderr } = yield* runMuster(["runtimes"], { home, env: { MUSTER_SERVER_URL: server.url } })
      assert.strictEqual(code, 3)
      assert.include(stderr, "you are signed in to https://muster.example.com")
      assert.deepStrictEqual(yield* server.requests, [])
    }))

  it.live.each(["{", "[]", "{\"server_url\":\"http://x\"}"])(
    "C-06 a broken profile (%s) is one sentence",
    (text) =>
      Effect.gen(function*() {
        const home = yield* makeHome
        saveProfile(home, text)
        const { code, stderr } = yield* runMuster(["runtimes"], { home })
        assert.strictEqual(code, 3)
        assert.match(stderr, /^error: the profile \S+ is not a valid profile\nnext: {2}sign in again: muster login\n$/)
      })
  )

  it.live("C-06 an unreachable server is exit code 7, with the reason", () =>
    Effect.gen(function*() {
      const url = yield* deadServer
      const { code, stderr } = yield* runMuster(["runtimes"], signedIn(url))
      assert.strictEqual(code, 7)
      assert.strictEqual(
        stderr,
        `error: cannot reach the server at ${url}: connection refused\nnext:  is it running? try: npm start\n`
      )
    }))
})
