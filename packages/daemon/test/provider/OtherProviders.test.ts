import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { claude } from "../../src/provider/Claude.ts"
import { openclaw } from "../../src/provider/OpenClaw.ts"
import { antigravity, codearts, cursor, deveco, grok, pi } from "../../src/provider/PrintedModels.ts"
import type { Provider } from "../../src/provider/Provider.ts"
import { fakeCli, recorded, type Scene } from "./FakeCli.ts"

const list = (provider: Provider, call: string, scene: Scene) =>
  Effect.flatMap(fakeCli(provider.command, { [call]: scene }), (path) => provider.listModels({ path, host: {} }))

const control = "-p --input-format stream-json --output-format stream-json --verbose"

describe("claude", () => {
  it.live("lists its models over the control request, as recorded", () =>
    Effect.gen(function*() {
      const { models, source } = yield* list(claude, control, { replay: recorded("claude") })
      assert.strictEqual(source, "live")
      assert.deepStrictEqual(models.map(({ id }) => id), ["default", "opus", "fable", "sonnet", "haiku"])
      assert.deepStrictEqual(models.filter((model) => model.default).map(({ label }) => label), [
        "Default (recommended)"
      ])
    }))

  it.live("that does not know the control request has the fixed list, marked as such", () =>
    Effect.gen(function*() {
      const { models, source } = yield* list(claude, "--version", { stdout: "2.0.0 (Claude Code)" })
      assert.strictEqual(source, "fallback")
      assert.strictEqual(models.length, 5)
      assert.deepStrictEqual(models[0], {
        id: "claude-sonnet-4-6",
        label: "Claude Sonnet 4.6",
        provider: "anthropic",
        default: true
      })
    }))
})

describe("pi", () => {
  it.live("prints its table to stderr, as recorded", () =>
    Effect.gen(function*() {
      const { models, source } = yield* list(pi, "--list-models", {
        code: `process.stderr.write(readFileSync(${JSON.stringify(recorded("pi-models"))}))`
      })
      assert.strictEqual(source, "live")
      assert.strictEqual(models.length, 65)
      assert.deepStrictEqual(models[0], {
        id: "anthropic/claude-3-5-haiku-20241022",
        label: "claude-3-5-haiku-20241022",
        provider: "anthropic"
      })
    }))

  it.live("without a login prints an error with exit code 0, which is a failure, as recorded", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(list(pi, "--list-models", {
        code: `process.stderr.write(readFileSync(${JSON.stringify(recorded("pi-none"))}))`
      }))
      assert.match(
        error.message,
        /^pi --list-models printed nothing that can be read: No models available\. Use \/login/
      )
    }))

  it.live("of earlier releases prints provider:model", () =>
    Effect.gen(function*() {
      const { models } = yield* list(pi, "--list-models", { stdout: "Models\nopenai:gpt-5\nNote: more\n" })
      assert.deepStrictEqual(models, [{ id: "openai/gpt-5", label: "gpt-5", provider: "openai" }])
    }))
})

describe("openclaw", () => {
  it.live("lists its agents by id, as recorded", () =>
    Effect.gen(function*() {
      const { models } = yield* list(openclaw, "agents list --json", { print: recorded("openclaw-agents") })
      assert.deepStrictEqual(models, [{ id: "main", label: "main", default: true }])
    }))

  it.live("can wrap and name them, and print other lines before", () =>
    Effect.gen(function*() {
      const stdout = `Config was migrated.\n{"agents":[{"id":"a","name":"Ann"}]}\n`
      const { models } = yield* list(openclaw, "agents list --json", { stdout, exit: 1 })
      assert.deepStrictEqual(models, [{ id: "a", label: "Ann" }])
    }))

  it.live("incomplete JSON is a failure with its output", () =>
    Effect.gen(function*() {
      const scene = { stdout: `[{"id":"main","na`, stderr: "gateway is down", exit: 1 }
      const error = yield* Effect.flip(list(openclaw, "agents list --json", scene))
      assert.strictEqual(error.message, "openclaw agents list --json ended with exit code 1: gateway is down")
    }))
})

describe("grok", () => {
  it.live("F-16 prints its models and the default, also without a login, as recorded", () =>
    Effect.gen(function*() {
      const { models, source } = yield* list(grok, "models", { print: recorded("grok-models") })
      assert.strictEqual(source, "live")
      assert.deepStrictEqual(models, [
        { id: "grok-4.6", label: "grok-4.6", provider: "xai", default: true },
        { id: "grok-4.5", label: "grok-4.5", provider: "xai" }
      ])
    }))
})

describe("CLIs known by documentation", () => {
  it.live("F-16 antigravity prints an id and a label, or ids alone in older releases", () =>
    Effect.gen(function*() {
      const stdout = "Loading models ...\ngemini-3.7-flash\tGemini 3.7 Flash\nclaude-sonnet-4-6\n"
      const { models } = yield* list(antigravity, "models", { stdout })
      assert.deepStrictEqual(models, [
        { id: "gemini-3.7-flash", label: "Gemini 3.7 Flash" },
        { id: "claude-sonnet-4-6", label: "claude-sonnet-4-6" }
      ])
    }))

  it.live.each([codearts, deveco])("F-16 $key prints provider/model", (provider) =>
    Effect.gen(function*() {
      const { models } = yield* list(provider, "models", { stdout: "PROVIDER/MODEL\nhuawei/pangu  Pangu\n" })
      assert.deepStrictEqual(models, [{ id: "huawei/pangu", label: "huawei/pangu", provider: "huawei" }])
    }))
})

describe("cursor", () => {
  it.live("prints id and label, and marks the default", () =>
    Effect.gen(function*() {
      const stdout =
        "Available models\n\nauto - Auto\nsonnet - Claude Sonnet (thinking)  (current)\n\nTip: use --model <id>\n"
      const { models } = yield* list(cursor, "--list-models", { stdout })
      assert.deepStrictEqual(models, [{ id: "auto", label: "Auto" }, {
        id: "sonnet",
        label: "Claude Sonnet (thinking)",
        default: true
      }])
    }))

  it.live("without a login is a failure with its message", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(list(cursor, "--list-models", { stderr: "Error: Not logged in", exit: 1 }))
      assert.strictEqual(error.message, "cursor-agent --list-models ended with exit code 1: Error: Not logged in")
    }))
})
