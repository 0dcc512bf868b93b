import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { codex } from "../../src/provider/Codex.ts"
import { lives, report, rollCall, startChild } from "../process/RollCall.ts"
import { fakeCli, recorded, type Scene } from "./FakeCli.ts"

const list = (scene: Scene, host: Record<string, string> = {}) =>
  Effect.flatMap(fakeCli("codex", { "app-server": scene }), (path) => codex.listModels({ path, host }))

/** An app server that answers `model/list` with `page(params, number of the page)`, and `config/read`, if it knows that. */
const server = (page: string, config = `{ error: { code: -32601, message: "unknown method" } }`): Scene => ({
  code: `const page = ${page}
    let pages = 0
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, method, params } = JSON.parse(line)
      if (id === undefined) return
      const reply = method === "initialize" ? { result: {} } : method === "config/read" ? ${config} : page(params, pages++)
      console.log(JSON.stringify({ id, ...reply }))
    })`
})

describe("codex", () => {
  it.live("lists its models page by page, with the default, as recorded", () =>
    Effect.gen(function*() {
      const catalog = yield* list({ replay: recorded("codex") })
      assert.strictEqual(catalog.source, "live")
      assert.strictEqual(catalog.models.length, 9)
      const [first, second] = catalog.models
      assert.deepStrictEqual(first, { id: "gpt-6.1-sol", label: "GPT-6.1-Sol", provider: "openai", default: true })
      assert.deepStrictEqual(second, { id: "gpt-6-astra", label: "GPT-6-Astra", provider: "openai" })
      assert.strictEqual(catalog.models[8]?.id, "gpt-5.5")
      assert.strictEqual(catalog.models.filter((model) => model.default).length, 1)
    }))

  it.live("omits hidden models and uses the id for a missing name", () =>
    Effect.gen(function*() {
      const { models } = yield* list(server(`() => ({ result: { data: [{ id: "a", hidden: true }, { id: "b" }] } })`))
      assert.deepStrictEqual(models, [{ id: "b", label: "b", provider: "openai" }])
    }))

  it.live.each(
    [
      ["the provider of the configuration", `{ result: { config: { model_provider: "azure" } } }`, "azure"],
      ["Codex's own without one", `{ result: { config: { model_provider: null } } }`, "openai"],
      ["Codex's own where the answer cannot be read", `{ result: { config: 7 } }`, "openai"]
    ] as const
  )("F-16 names the provider of the catalogue: %s", ([, config, provider]) =>
    Effect.gen(function*() {
      const { models } = yield* list(server(`() => ({ result: { data: [{ id: "b" }] } })`, config))
      assert.deepStrictEqual(models, [{ id: "b", label: "b", provider }])
    }))

  it.live("an empty list that is reported is a success", () =>
    Effect.gen(function*() {
      const catalog = yield* list(server(`() => ({ result: { data: [], nextCursor: null } })`))
      assert.deepStrictEqual(catalog, { models: [], source: "live" })
    }))

  it.live("a refusal is a failure with the server's message", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(list(server(`() => ({ error: { code: -1, message: "account suspended" } })`)))
      assert.strictEqual(error.message, "account suspended")
      assert.strictEqual(error.provider, "codex")
    }))

  it.live("incomplete JSON, an invalid page and an early end are failures", () =>
    Effect.gen(function*() {
      const half = yield* Effect.flip(list({ code: `process.stdout.write('{"id":0,"result":{"us\\n')` }))
      assert.strictEqual(half.message, "codex app-server broke off in the middle of a JSON message")
      const other = yield* Effect.flip(list(server(`() => ({ result: { items: [] } })`)))
      assert.strictEqual(other.message, "codex app-server answered model/list in a shape that is not known")
      const dies = yield* Effect.flip(
        list(server(`(_, n) => { if (n === 0) return { result: { data: [{ id: "a" }], nextCursor: "1" } }
        console.error("thread 'main' panicked"); process.exit(101) }`))
      )
      assert.match(
        dies.message,
        /^codex app-server ended with exit code 101 before it answered: thread 'main' panicked$/
      )
    }))

  it.live("a server that always names a next page is stopped", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        list(server(`(_, n) => ({ result: { data: [{ id: "m" + n }], nextCursor: "x" } })`))
      )
      assert.match(error.message, /more than 100 pages/)
    }))

  it.live("F-36 models that cannot be read, or exceed a report, are omitted and counted", () =>
    Effect.gen(function*() {
      const data = `[{ id: null }, "m", ...Array.from({ length: 5001 }, (_, n) => ({ id: "m" + n }))]`
      const { leftOut, models } = yield* list(server(`() => ({ result: { data: ${data} } })`))
      assert.strictEqual(models.length, 5_000)
      assert.deepStrictEqual(leftOut, [
        { reason: "it has no id that can be read", count: 2 },
        { reason: "more than 5000 models", count: 1, first: "m5000" }
      ])
    }))

  it.effect("a server that never responds is ended after 15 s, with its child", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      // As the real codex: a wrapper in Node that starts the actual program, which here ignores its wrapper's end.
      const code = `${startChild("native", `{ stdio: "inherit", detached: true }`)}; ${
        report("wrapper")
      }; setInterval(() => {}, 1000)`
      const fiber = yield* Effect.forkChild(Effect.flip(list({ code }, roll.env)))
      const pids = yield* Effect.all([roll.joined("wrapper"), roll.joined("native")])
      yield* TestClock.adjust("15 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).message, "codex app-server gave no answer within 15 s")
      assert.deepStrictEqual(pids.map(lives), [false, false])
    }))
})
