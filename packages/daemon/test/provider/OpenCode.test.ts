import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { opencode } from "../../src/provider/OpenCode.ts"
import type { AgentCli } from "../../src/provider/Provider.ts"
import { lives, rollCall } from "../process/RollCall.ts"
import { fakeCli, recorded, type Scene } from "./FakeCli.ts"

const list = (
  scenes: Readonly<Record<string, Scene>>,
  host: Record<string, string> = {},
  alone: Partial<AgentCli> = {}
) => Effect.flatMap(fakeCli("opencode", scenes), (path) => opencode.listModels({ path, host, ...alone }))

const models = (scene: Scene) => list({ models: scene })

describe("opencode", () => {
  it.live("lists its models, their names and the default, as recorded", () =>
    Effect.gen(function*() {
      const catalog = yield* list({ acp: { replay: recorded("opencode-acp") } })
      assert.strictEqual(catalog.source, "live")
      assert.strictEqual(catalog.models.length, 8)
      assert.deepStrictEqual(catalog.models[0], {
        id: "opencode/big-pickle",
        label: "OpenCode Zen/Big Pickle",
        provider: "opencode",
        default: true
      })
      assert.strictEqual(catalog.models.filter((model) => model.default).length, 1)
    }))

  it.live("prints the same models if it does not support ACP, as recorded", () =>
    Effect.gen(function*() {
      const printed = yield* models({ print: recorded("opencode-models") })
      const told = yield* list({ acp: { replay: recorded("opencode-acp") } })
      assert.strictEqual(printed.source, "live")
      assert.deepStrictEqual(printed.models.map(({ id }) => id), told.models.map(({ id }) => id))
      assert.isTrue(printed.models.every((model) => model.provider === "opencode" && model.default === undefined))
    }))

  it.live("a non-zero exit after a good list keeps the list", () =>
    Effect.gen(function*() {
      const { models: found } = yield* models({ stdout: "a/one\nb/two", stderr: "cannot save the cache", exit: 1 })
      assert.deepStrictEqual(found, [{ id: "a/one", label: "a/one", provider: "a" }, {
        id: "b/two",
        label: "b/two",
        provider: "b"
      }])
    }))

  it.live("reads the first column and ignores other text", () =>
    Effect.gen(function*() {
      const stdout = "Models:\n\u001b[1ma/one\u001b[0m\tOne\t200K\r\n  b/two/x   Two\n\n/no\nno/\nplain\na/one\n"
      const { models: found } = yield* models({ stdout })
      assert.deepStrictEqual(found.map(({ id }) => id), ["a/one", "b/two/x"])
    }))

  it.live("the lines before a signal ended the CLI count", () =>
    Effect.gen(function*() {
      const code = `process.stdout.write("a/one\\nb/tw", () => process.kill(process.pid, "SIGSEGV"))`
      assert.deepStrictEqual((yield* models({ code })).models.map(({ id }) => id), ["a/one"])
    }))

  it.live("an empty list that is reported is a success", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* models({ stdout: "\n" }), { models: [], source: "live" })
      const answers = yield* list({
        acp: {
          code: `require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
          const { id, method } = JSON.parse(line)
          const result = method === "initialize" ? { protocolVersion: 1 } : { sessionId: "s", models: { availableModels: [] } }
          console.log(JSON.stringify({ jsonrpc: "2.0", id, result })) })`
        }
      })
      assert.deepStrictEqual(answers, { models: [], source: "live" })
    }))

  it.live("a failure is a failure with the CLI's output, never an empty list", () =>
    Effect.gen(function*() {
      const broken = yield* Effect.flip(
        models({ stderr: "\u001b[91mError:\u001b[0m Failed query:\n  CREATE TABLE", exit: 1 })
      )
      assert.strictEqual(broken._tag, "ModelDiscoveryFailed")
      assert.strictEqual(broken.provider, "opencode")
      assert.strictEqual(broken.message, "opencode models ended with exit code 1: Error: Failed query: CREATE TABLE")
      const odd = yield* Effect.flip(models({ stdout: "No providers are configured.\n" }))
      assert.strictEqual(odd.message, "opencode models printed nothing that can be read: No providers are configured.")
      const gone = yield* Effect.flip(opencode.listModels({ path: "/nowhere/opencode", host: {} }))
      assert.include(gone.message, "cannot start /nowhere/opencode")
    }))

  it.live("a CLI that writes 100 MB is stopped and is a failure", () =>
    Effect.gen(function*() {
      const code = `const chunk = Buffer.from("a/model\\n".repeat(128 * 1024)); let left = 100
        const write = () => { while (left-- > 0) if (!process.stdout.write(chunk)) return process.stdout.once("drain", write) }
        write()`
      const error = yield* Effect.flip(list({ acp: { code }, models: { code } }))
      assert.match(error.message, /^opencode models wrote more than it may and was stopped/)
    }))

  it.effect("a CLI that hangs alone is ended twice, after 15 s each, with its whole process tree", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const scenes = { acp: { hang: "acp" }, models: { stdout: "a/on", stderr: "waiting for a lock", hang: "models" } }
      const fiber = yield* Effect.forkChild(Effect.flip(list(scenes, roll.env, { timeout: "15 seconds" })))
      const first = yield* roll.joined("acp")
      yield* TestClock.adjust("15 seconds")
      const second = yield* roll.joined("models")
      assert.isFalse(lives(first))
      yield* TestClock.adjust("15 seconds")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.message, "opencode models gave no answer within 15 s: waiting for a lock")
      assert.isFalse(lives(second))
    }))

  it.live("an interrupted request ends the CLI", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const fiber = yield* Effect.forkChild(list({ acp: { hang: "acp" } }, roll.env))
      const pid = yield* roll.joined("acp")
      yield* Fiber.interrupt(fiber)
      assert.isFalse(lives(pid))
    }))
})
