import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { join } from "node:path"
import { HostEnvironment } from "../../src/process/HostEnvironment.ts"
import { ModelCatalogs } from "../../src/provider/ModelCatalogs.ts"
import { providers } from "../../src/provider/providers.ts"
import { folder, program } from "../process/Folder.ts"
import { reportAs, rollCall } from "../process/RollCall.ts"

/** Code of a CLI that hangs, as `1`, `2`, … at each call, and from call `answers` on runs `then`. */
const slowly = (calls: string, answers: number, then: string) =>
  `const { appendFileSync, readFileSync } = require("node:fs")
  appendFileSync(${JSON.stringify(calls)}, ".")
  const name = readFileSync(${JSON.stringify(calls)}, "utf8").length
  if (name < ${answers}) { setInterval(() => {}, 1000); ${reportAs("name")} }
  else { ${then} }`

const initialized = `require("node:readline").createInterface({ input: process.stdin }).on("line", () =>
  console.log(JSON.stringify({ type: "control_response", response: { response: { models: [{ value: "opus" }] } } })))`

/** One list of a CLI whose first call takes longer than it may; so does the second, where `answers` is 3. */
const listed = (provider: (typeof providers)[number], answers: number, then = "") =>
  Effect.gen(function*() {
    const roll = yield* rollCall
    const path = yield* program(
      join(yield* folder, provider.command),
      slowly(join(yield* folder, "calls"), answers, then)
    )
    const asking = yield* Effect.forkChild(
      Effect.result(Effect.flatMap(ModelCatalogs, ({ list }) => list({ provider: provider.key, path }))).pipe(
        Effect.provide(ModelCatalogs.layer),
        Effect.provideService(HostEnvironment, roll.env)
      )
    )
    yield* roll.joined("1")
    yield* TestClock.adjust("15 seconds")
    if (answers > 2) {
      yield* roll.joined("2")
      yield* TestClock.adjust("30 seconds")
    }
    return yield* Fiber.join(asking)
  })

describe("CLIs that are slow to list their models", () => {
  const claude = providers.find(({ key }) => key === "claude")!

  it.effect("F-12 a claude that does not initialize in time is asked again, alone, and its list counts", () =>
    Effect.gen(function*() {
      const said = yield* listed(claude, 2, initialized)
      assert.deepInclude(said, {
        _tag: "Success",
        success: { models: [{ id: "opus", label: "opus", provider: "anthropic" }], source: "live" }
      })
    }))

  it.effect.each(providers)(
    "F-12 $key: one that stays slow is `slow`: no fixed list, and no word of being unable",
    (provider) =>
      Effect.gen(function*() {
        const said = yield* listed(provider, 9)
        assert.strictEqual(said._tag, "Failure")
        if (said._tag !== "Failure") return
        assert.strictEqual(said.failure.verdict, "slow")
        assert.match(
          said.failure.message,
          new RegExp(`^${provider.key} is slow: .* gave no answer within \\d+ s; .* ask again`)
        )
      })
  )
})
