import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { acpAgents, copilot, gemini, hermes, kimi, qwen } from "../../src/provider/AcpAgents.ts"
import type { Provider } from "../../src/provider/Provider.ts"
import { folder } from "../process/Folder.ts"
import { lives, rollCall } from "../process/RollCall.ts"
import { fakeCli, recorded, type Scene } from "./FakeCli.ts"

const list = (provider: Provider, scenes: Readonly<Record<string, Scene>>, host: Record<string, string> = {}) =>
  Effect.flatMap(fakeCli(provider.command, scenes), (path) => provider.listModels({ path, host }))

/** An agent whose `session/new` answers `result`, an expression in which `params` is the question's. */
const agent = (result: string): Scene => ({
  code: `require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, method, params } = JSON.parse(line)
    const result = method === "initialize" ? { protocolVersion: 1 } : ${result}
    console.log(JSON.stringify({ jsonrpc: "2.0", id, result }))
  })`
})

describe("agents that speak ACP", () => {
  it.live("gemini lists its models and the current one, as recorded", () =>
    Effect.gen(function*() {
      const catalog = yield* list(gemini, { "--acp": { replay: recorded("gemini-live") } })
      assert.strictEqual(catalog.source, "live")
      assert.strictEqual(catalog.models.length, 6)
      assert.deepStrictEqual(catalog.models[0], { id: "auto", label: "Auto", default: true })
    }))

  it.live("gemini without a key has the fixed list, marked as such, as recorded", () =>
    Effect.gen(function*() {
      const catalog = yield* list(gemini, { "--acp": { replay: recorded("gemini-refused") } })
      assert.strictEqual(catalog.source, "fallback")
      assert.strictEqual(catalog.models.length, 10)
      assert.deepStrictEqual(catalog.models.filter((model) => model.default).map(({ id }) => id), ["auto"])
    }))

  it.live("an older gemini is started with the older flag", () =>
    Effect.gen(function*() {
      const catalog = yield* list(gemini, { "--experimental-acp": { replay: recorded("gemini-live") } })
      assert.strictEqual(catalog.source, "live")
    }))

  it.live("a gemini that cannot be started is a failure, not a fallback", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(gemini.listModels({ path: "/nowhere/gemini", host: {} }))
      assert.include(error.message, "cannot start /nowhere/gemini")
    }))

  it.live("qwen's current model counts although its list is empty, as recorded", () =>
    Effect.gen(function*() {
      const { models, source } = yield* list(qwen, { "--acp": { replay: recorded("qwen-current-only") } })
      assert.strictEqual(source, "live")
      assert.deepStrictEqual(models, [
        { id: "qwen3-coder-plus(openai)", label: "qwen3-coder-plus(openai)", default: true }
      ])
    }))

  it.live("copilot and kimi without a login fail with their messages, as recorded", () =>
    Effect.gen(function*() {
      const first = yield* Effect.flip(list(copilot, { "--acp": { replay: recorded("copilot-refused") } }))
      assert.strictEqual(first.message, "copilot --acp refused: Authentication required")
      const second = yield* Effect.flip(list(kimi, { acp: { replay: recorded("kimi-refused") } }))
      assert.strictEqual(second.message, "kimi acp refused: Authentication required")
    }))

  it.live.each(acpAgents)(
    "F-16 $key tells its models over ACP; without a login its refusal is a failure in its own words",
    (provider) =>
      Effect.gen(function*() {
        const args = provider.key === "droid"
          ? "exec --output-format acp"
          : provider.key === "traecli"
          ? "acp serve"
          : ""
        const call = args ||
          (["cline", "auggie", "qoder", "qoderclicn", "codebuddy"].includes(provider.key) ? "--acp" : "acp")
        const told = yield* list(provider, {
          [call]: agent(
            `{ sessionId: "s", models: { currentModelId: "b", availableModels: [{ modelId: "a", name: "A" }, { modelId: "b" }] } }`
          )
        })
        assert.deepStrictEqual(told.models, [{ id: "a", label: "A" }, { id: "b", label: "b", default: true }])
        const error = yield* Effect.flip(list(provider, { [call]: { replay: recorded("copilot-refused") } }))
        assert.deepStrictEqual([error.verdict, error.message], [
          "unable",
          `${provider.command} ${call} refused: Authentication required`
        ])
      })
  )

  it.live("models can be in groups of a config option, found by its category", () =>
    Effect.gen(function*() {
      const result = `{ sessionId: "s", configOptions: [
        { id: "flag", type: "boolean", currentValue: true },
        { id: "engine", category: "model", type: "select", currentValue: "b", options: [
          { group: "one", name: "One", options: [{ value: "a", name: "A" }] },
          { group: "two", name: "Two", options: [{ value: "b", name: "B" }] }] }] }`
      const { models } = yield* list(kimi, { acp: agent(result) })
      assert.deepStrictEqual(models, [{ id: "a", label: "A" }, { id: "b", label: "B", default: true }])
    }))

  it.live("an agent that reports no models is a failure", () =>
    Effect.gen(function*() {
      const silent = yield* Effect.flip(list(kimi, { acp: agent(`{ sessionId: "s", models: null }`) }))
      assert.strictEqual(silent.message, "kimi acp speaks ACP but reports no models")
      const odd = yield* Effect.flip(list(kimi, { acp: agent(`{ sessionId: "s", models: "many" }`) }))
      assert.strictEqual(odd.message, "kimi acp answered session/new in a shape that is not known")
    }))

  it.live("incomplete JSON and an early end are failures", () =>
    Effect.gen(function*() {
      const half = yield* Effect.flip(list(kimi, { acp: { code: `process.stdout.write('{"jsonrpc":"2.0","id"\\n')` } }))
      assert.strictEqual(half.message, "kimi acp broke off in the middle of a JSON message")
      const dead = yield* Effect.flip(list(kimi, { acp: { stderr: "Node 24 is needed\n", exit: 1 } }))
      assert.strictEqual(dead.message, "kimi acp ended with exit code 1 before it answered: Node 24 is needed")
    }))

  it.live("the session runs in a temporary folder that is removed afterward", () =>
    Effect.gen(function*() {
      const file = join(yield* folder, "seen")
      const { code } = agent(
        `(require("node:fs").writeFileSync(process.env.SEEN, JSON.stringify([params.cwd, process.cwd(),
        process.env.HERMES_YOLO_MODE, process.env.MUSTER_TOKEN ?? null])), { sessionId: "s", models: { availableModels: [] } })`
      )
      yield* list(hermes, { acp: { code: code! } }, { SEEN: file, MUSTER_TOKEN: "secret" })
      const [asked, lived, unattended, token] = JSON.parse(readFileSync(file, "utf8")) as ReadonlyArray<string | null>
      assert.isTrue(lived!.endsWith(asked!))
      assert.isFalse(existsSync(asked!))
      assert.strictEqual(unattended, "1")
      assert.isNull(token)
    }))

  it.effect("an agent that never responds is ended after 15 s", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const fiber = yield* Effect.forkChild(Effect.flip(list(kimi, { acp: { hang: "kimi" } }, roll.env)))
      const pid = yield* roll.joined("kimi")
      yield* TestClock.adjust("15 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).message, "kimi acp gave no answer within 15 s")
      assert.isFalse(lives(pid))
    }))
})
