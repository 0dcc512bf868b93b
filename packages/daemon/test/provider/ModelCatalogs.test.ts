import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Ref } from "effect"
import { TestClock } from "effect/testing"
import { readFileSync } from "node:fs"
import { driverOf } from "../../src/agent/drivers.ts"
import {
  fallbackCatalog,
  liveCatalog,
  type ModelCatalog,
  ModelDiscoveryFailed
} from "../../src/provider/ModelCatalog.ts"
import { ModelCatalogs } from "../../src/provider/ModelCatalogs.ts"
import { seen } from "../../src/provider/Provider.ts"
import { providers } from "../../src/provider/providers.ts"

const one = { models: [{ id: "m", label: "M" }], source: "live" } satisfies ModelCatalog
const empty = { models: [], source: "live" } satisfies ModelCatalog
const fixed = fallbackCatalog("maker", [["m", "M"]])
const broken = new ModelDiscoveryFailed({ provider: "fake", verdict: "unable", message: "no" })

/** Catalogs of a provider `fake`, whose calls are counted. */
const counting = (answer: Effect.Effect<ModelCatalog, ModelDiscoveryFailed>) =>
  Effect.gen(function*() {
    const paths = yield* Ref.make<ReadonlyArray<string>>([])
    const layer = ModelCatalogs.layerOf([{
      key: "fake",
      command: "fake",
      evidence: seen("1.0.0", "its models"),
      listModels: ({ path }) => Effect.andThen(Ref.update(paths, (all) => [...all, path]), answer)
    }])
    const list = (path: string, provider = "fake") =>
      Effect.flatMap(ModelCatalogs, (catalogs) => catalogs.list({ provider, path }))
    return { layer, list, paths: Ref.get(paths) }
  })

describe("model catalogs", () => {
  it.effect("a live list is cached for 60 s, per path", () =>
    Effect.gen(function*() {
      const { layer, list, paths } = yield* counting(Effect.succeed(one))
      yield* Effect.gen(function*() {
        assert.deepStrictEqual(yield* list("/a"), one)
        yield* TestClock.adjust("59 seconds")
        yield* list("/a")
        yield* list("/b")
        assert.deepStrictEqual(yield* paths, ["/a", "/b"])
        yield* TestClock.adjust("2 seconds")
        yield* list("/a")
        assert.deepStrictEqual(yield* paths, ["/a", "/b", "/a"])
      }).pipe(Effect.provide(layer))
    }))

  it.effect.each([
    ["a failure", Effect.fail(broken)],
    ["an empty list", Effect.succeed(empty)],
    ["a fallback list", Effect.succeed(fixed)]
  ] as ReadonlyArray<[string, Effect.Effect<ModelCatalog, ModelDiscoveryFailed>]>)(
    "%s is never kept",
    ([, answer]) =>
      Effect.gen(function*() {
        const { layer, list, paths } = yield* counting(answer)
        yield* Effect.gen(function*() {
          yield* Effect.exit(list("/a"))
          yield* Effect.exit(list("/a"))
          assert.strictEqual((yield* paths).length, 2)
        }).pipe(Effect.provide(layer))
      })
  )

  it.effect("concurrent requests share one call", () =>
    Effect.gen(function*() {
      const answer = yield* Deferred.make<ModelCatalog>()
      const { layer, list, paths } = yield* counting(Deferred.await(answer))
      yield* Effect.gen(function*() {
        const asking = yield* Effect.forkChild(Effect.all([list("/a"), list("/a"), list("/a")], { concurrency: 3 }), {
          startImmediately: true
        })
        yield* Deferred.succeed(answer, one)
        assert.deepStrictEqual(yield* Fiber.join(asking), [one, one, one])
        assert.deepStrictEqual(yield* paths, ["/a"])
      }).pipe(Effect.provide(layer))
    }))

  it.effect("an unknown provider is a failure with a sentence", () =>
    Effect.gen(function*() {
      const { layer, list } = yield* counting(Effect.succeed(one))
      const error = yield* Effect.flip(list("/a", "other")).pipe(Effect.provide(layer))
      assert.strictEqual(error.message, "unknown provider: other")
    }))
})

describe("a live catalog", () => {
  it("has each id once, at most one default, and no control characters", () => {
    const { leftOut, models } = liveCatalog([
      { id: " a\u0000 ", label: "\u001b[1mA\u0007\u001b[0m", provider: "x\n" },
      { id: "b", label: "", default: true },
      { id: "a", label: "again", default: true },
      { id: "c", label: null, default: true },
      { id: "\u0007", label: "nothing" }
    ])
    assert.deepStrictEqual(models, [{ id: "a", label: "A", provider: "x" }, { id: "b", label: "b", default: true }, {
      id: "c",
      label: "c"
    }])
    assert.deepStrictEqual(leftOut, [{ reason: "it has no id that can be read", count: 1 }])
  })

  it("F-36 shortens a label; an id that is too long, and what exceeds a bound, is omitted and counted", () => {
    assert.strictEqual(liveCatalog([{ id: "a", label: "x".repeat(600) }]).models[0]?.label.length, 512)
    const long = "x".repeat(513)
    const many = Array.from({ length: 5_000 }, (_, i) => ({ id: `m${i}` }))
    const catalog = liveCatalog([{ id: "a" }, { id: long }, ...many])
    assert.strictEqual(catalog.models.length, 5_000)
    assert.deepStrictEqual(catalog.leftOut, [
      { reason: "its id is longer than 512 characters", count: 1, first: long.slice(0, 100) },
      { reason: "more than 5000 models", count: 1, first: "m4999" }
    ])
    const wide = liveCatalog(many.map(({ id }) => ({ id, label: "€".repeat(300) })))
    assert.isBelow(Buffer.byteLength(JSON.stringify(wide.models)), 1_000_001)
    assert.strictEqual(wide.models.length + wide.leftOut![0]!.count, 5_000)
  })
})

const providersPage = readFileSync(new URL("../../../../docs/providers.md", import.meta.url), "utf8")

describe("the table of providers", () => {
  it("has each key once, valid in the name of a variable", () => {
    const keys = providers.map(({ key }) => key)
    assert.strictEqual(new Set(keys).size, keys.length)
    assert.isTrue(keys.every((key) => /^[a-z]+$/.test(key)))
    const expected = "claude codex opencode openclaw hermes gemini qwen pi cursor copilot kimi kiro grok antigravity " +
      "codearts deveco cline auggie qoder droid qoderclicn codebuddy traecli goose kilo reasonix dim"
    assert.sameMembers(keys, expected.split(" "))
  })

  it("F-16 is the table of docs/providers.md, with how each entry was verified", () => {
    for (const { command, evidence, key } of providers) {
      const rests = evidence._tag === "Seen"
        ? `seen: ${evidence.version} answers with ${evidence.said}`
        : `by documentation only: <${evidence.source}>`
      assert.include(providersPage, `| \`${key}\` | \`${command}\` | ${rests} |\n`)
    }
  })

  it("F-16 docs/providers.md names the CLIs that run no tasks", () => {
    const [, section = ""] = /## Tasks\n([^]*?)\n## /.exec(providersPage) ?? []
    const named = [...section.matchAll(/`([a-z]+)`/g)].map(([, key]) => key)
    const without = providers.map(({ key }) => key).filter((key) => driverOf(key) === undefined)
    assert.sameMembers(named, [...without])
  })
})
