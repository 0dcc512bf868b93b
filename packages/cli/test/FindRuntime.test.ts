import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { findRuntime } from "../src/runtime/FindRuntime.ts"
import { runtime } from "./support/Fixtures.ts"

const laptop = runtime("1", { name: "Opencode (laptop)" })
const desktop = runtime("2", { name: "Opencode (desktop)" })
const asleep = runtime("3", { name: "Opencode (asleep)", status: "offline" })
const codex = runtime("4", { name: "Codex (laptop)", provider: "codex" })

describe("findRuntime", () => {
  it.effect.each([
    ["its id", desktop.id],
    ["its id in capitals", desktop.id.toUpperCase()],
    ["the first characters of its id", "2222"],
    ["its name", "opencode (DESKTOP)"]
  ])("finds a runtime by %s", ([, text]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* findRuntime([laptop, desktop, asleep, codex], text!), desktop)
    }))

  it.effect("finds a runtime by its provider, preferring the only one online", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* findRuntime([laptop, asleep, codex], "opencode"), laptop)
      assert.strictEqual(yield* findRuntime([asleep, codex], "opencode"), asleep)
    }))

  it.effect("C-06 refuses to guess between several, and lists them", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(findRuntime([laptop, desktop, asleep], "opencode"))
      assert.strictEqual(failure.code, "ambiguous_runtime")
      assert.strictEqual(failure.exitCode, 2)
      assert.include(failure.sentence, "Opencode (laptop) (online, 11111111)")
      assert.include(failure.sentence, "Opencode (asleep) (offline, 33333333)")
      assert.include(failure.next, "11111111")
    }))

  it.effect("a prefix of an id that is too short matches nothing", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(findRuntime([laptop], "111"))
      assert.strictEqual(failure.code, "runtime_not_found")
    }))

  it.effect("C-06 an unknown runtime is not found, and the error lists the known providers", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(findRuntime([laptop, desktop, codex], "gemini"))
      assert.strictEqual(failure.exitCode, 4)
      assert.strictEqual(failure.sentence, "there is no runtime \"gemini\"; available: opencode, codex")
    }))
})
