import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import { join } from "node:path"
import { type JsonRpc, jsonRpc } from "../../src/process/JsonRpc.ts"
import { withStdioSession } from "../../src/process/StdioSession.ts"
import { folder, program } from "./Folder.ts"
import { lives, report, rollCall } from "./RollCall.ts"

const Answer = Schema.Struct({ value: Schema.Int })

/** A CLI whose `on(message)` sees each line that comes; `say` writes one. */
const server = (on: string) => `
  const say = (text) => process.stdout.write(text)
  const lines = require("node:readline").createInterface({ input: process.stdin })
  lines.on("line", (line) => { const message = JSON.parse(line); ${on} })`

const ask = (rpc: JsonRpc) => rpc.request("question", { a: 1 }, Answer)

const talk = (code: string, options: { readonly env?: Record<string, string>; readonly maxBytes?: number } = {}) =>
  Effect.gen(function*() {
    const cli = yield* program(join(yield* folder, "cli"), code)
    return yield* withStdioSession(
      cli,
      [],
      { env: {}, name: "cli serve", timeout: "15 seconds", ...options },
      (stdio) => Effect.flatMap(jsonRpc(stdio), ask)
    )
  })

describe("JSON-RPC over stdio", () => {
  it.live("gets the response to its own request, whatever else is printed", () =>
    Effect.gen(function*() {
      const answer = yield* talk(server(`
        say("A new version is out!\\n\\n")
        say('{"method":"note","params":{}}\\n{"id":77,"result":{"value":1}}\\n{"jsonrpc":"2.0"}\\n')
        say('{"id":0,"resu'); setImmediate(() => say('lt":{"value":' + message.params.a + '}}\\n'))`))
      assert.deepStrictEqual(answer, { value: 1 })
    }))

  it.live("declines requests of the CLI, so that it continues", () =>
    Effect.gen(function*() {
      const answer = yield* talk(server(`
        if (message.method) say('{"id":"q","method":"may I?"}\\n')
        else say(JSON.stringify({ id: 0, result: { value: message.id === "q" ? message.error.code : 0 } }) + "\\n")`))
      assert.deepStrictEqual(answer, { value: -32601 })
    }))

  it.live("fails with the CLI's message if it responds with an error", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        talk(server(`say('{"id":0,"error":{"code":1,"message":"log in\\\\nfirst"}}\\n')`))
      )
      assert.strictEqual(error.reason, "refused")
      assert.strictEqual(error.message, "log in first")
    }))

  it.live("fails if the response has another shape", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(talk(server(`say('{"id":0,"result":{"value":"one"}}\\n')`)))
      assert.strictEqual(error.reason, "unreadable")
      assert.strictEqual(error.message, "cli serve answered question in a shape that is not known")
    }))

  it.live("fails on incomplete JSON, on a line without an end and at the CLI's end", () =>
    Effect.gen(function*() {
      const open = yield* Effect.flip(talk(server(`say('{"id":0,"result":{"va\\n')`)))
      const ended = yield* Effect.flip(
        talk(server(`say('{"id":0,"result":{"va'); setImmediate(() => process.exit(0))`))
      )
      for (const error of [open, ended]) {
        assert.strictEqual(error.reason, "unreadable")
        assert.strictEqual(error.message, "cli serve broke off in the middle of a JSON message")
      }
    }))

  it.live("fails with exit code and stderr if the CLI ends without a response", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(talk(`console.error("no config"); process.exitCode = 7`))
      assert.strictEqual(error.reason, "closed")
      assert.strictEqual(error.message, "cli serve ended with exit code 7 before it answered: no config")
    }))

  it.live("stops a CLI that writes endlessly", () =>
    Effect.gen(function*() {
      const flood = `const line = '{"method":"note"}\\n'.repeat(1000)
        const write = () => { while (process.stdout.write(line)) {} process.stdout.once("drain", write) }; write()`
      const error = yield* Effect.flip(talk(flood, { maxBytes: 1024 * 1024 }))
      assert.strictEqual(error.reason, "flood")
    }))

  it.live("fails if there is no CLI", () =>
    Effect.gen(function*() {
      const options = { env: {}, name: "cli", timeout: "15 seconds" } as const
      const error = yield* Effect.flip(
        withStdioSession("/nowhere/cli", [], options, (stdio) => Effect.flatMap(jsonRpc(stdio), ask))
      )
      assert.strictEqual(error.reason, "spawn")
      assert.include(error.message, "cannot start /nowhere/cli: there is no such file")
    }))

  it.effect("ends a CLI that never responds at its timeout, with its output", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const silent = `console.error("waiting for a browser"); ${server("")}; ${report("cli")}`
      const fiber = yield* Effect.forkChild(Effect.flip(talk(silent, { env: roll.env })))
      const pid = yield* roll.joined("cli")
      yield* TestClock.adjust("15 seconds")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.reason, "silent")
      assert.strictEqual(error.message, "cli serve gave no answer within 15 s: waiting for a browser")
      assert.isFalse(lives(pid))
    }))
})
