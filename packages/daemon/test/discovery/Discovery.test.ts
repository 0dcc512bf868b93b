import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { type Discovered, Discovery } from "../../src/discovery/Discovery.ts"
import { type Environment, HostEnvironment } from "../../src/process/HostEnvironment.ts"
import type { Provider } from "../../src/provider/Provider.ts"
import { providers } from "../../src/provider/providers.ts"
import { folder, program } from "../process/Folder.ts"
import { lives, report, reportAs, rollCall } from "../process/RollCall.ts"

/** Returns all that one discovery emits. */
const whole = Effect.flatMap(Discovery, ({ look }) => Effect.flatMap(Stream.runLast(look), Effect.fromOption))

const look = (host: Environment, known: ReadonlyArray<Provider> = providers) =>
  whole.pipe(
    Effect.provide(Discovery.layerOf(known)),
    Effect.provideService(HostEnvironment, host)
  )

const says = (version: string) => `console.log(${JSON.stringify(version)})`

describe("discovery on PATH", () => {
  it.live("D-15 a CLI installed later appears in the next discovery", () =>
    Effect.gen(function*() {
      const bin = yield* folder
      yield* Effect.gen(function*() {
        assert.deepStrictEqual(yield* whole, { found: [], skipped: [], complete: true })
        const path = yield* program(join(bin, "opencode"), says("1.18.33"))
        assert.deepStrictEqual(yield* whole, {
          found: [{ provider: "opencode", path, version: "1.18.33" }],
          skipped: [],
          complete: true
        })
      }).pipe(Effect.provide(Discovery.layer), Effect.provideService(HostEnvironment, { PATH: bin }))
    }))

  it.live("takes the first folder that has it, only absolute folders, only files that may be run", () =>
    Effect.gen(function*() {
      const [first, second] = [yield* folder, yield* folder]
      yield* Effect.promise(() => mkdir(join(first, "codex")))
      const path = yield* program(join(second, "codex"), says("codex-cli 0.169.0"))
      const { found } = yield* look({ PATH: `.::bin:${first}:${second}:/nowhere` })
      assert.deepStrictEqual(found, [{ provider: "codex", path, version: "0.169.0" }])
    }))

  it.live("F-16 distinguishes the bundled CLIs from those of the machine", () =>
    Effect.gen(function*() {
      const [own, bundled] = [yield* folder, yield* folder]
      const pi = yield* program(join(own, "pi"), says("1.6.0"))
      yield* program(join(bundled, "pi"), says("1.0.0"))
      const opencode = yield* program(join(bundled, "opencode"), says("1.18.33"))
      const { found } = yield* look({ PATH: `${own}:${bundled}`, MUSTER_BUNDLED_CLIS: bundled })
      assert.deepStrictEqual(found, [
        { provider: "opencode", path: opencode, version: "1.18.33", bundled: true },
        { provider: "pi", path: pi, version: "1.6.0" }
      ])
    }))

  it.live("lists the CLIs in the order of the providers", () =>
    Effect.gen(function*() {
      const bin = yield* folder
      const names = providers.map(({ command }) => command)
      for (const name of names.toReversed()) {
        yield* program(join(bin, name), says(name === "grok" ? "grok 9.9.9" : "9.9.9"))
      }
      const { found } = yield* look({ PATH: bin })
      assert.deepStrictEqual(found.map(({ provider }) => provider), providers.map(({ key }) => key))
    }))
})

describe("discovery by MUSTER_<PROVIDER>_PATH", () => {
  it.live("takes precedence over PATH", () =>
    Effect.gen(function*() {
      const [bin, other] = [yield* folder, yield* folder]
      yield* program(join(bin, "opencode"), says("1.0.0"))
      const path = yield* program(join(other, "oc-next"), says("2.0.0"))
      const { found } = yield* look({ PATH: bin, MUSTER_OPENCODE_PATH: path })
      assert.deepStrictEqual(found, [{ provider: "opencode", path, version: "2.0.0" }])
      const bare = yield* look({ PATH: other, MUSTER_OPENCODE_PATH: "oc-next" })
      assert.deepStrictEqual(bare.found, found)
    }))

  it.live("a path that is not a program is skipped with a reason, and replaced by no other CLI", () =>
    Effect.gen(function*() {
      const bin = yield* folder
      yield* program(join(bin, "opencode"), says("1.0.0"))
      const reasonFor = (path: string) =>
        Effect.map(look({ PATH: bin, MUSTER_OPENCODE_PATH: path }), ({ found, skipped }) => {
          assert.deepStrictEqual(found, [])
          assert.deepStrictEqual(skipped.map(({ provider }) => provider), ["opencode"])
          return skipped[0]!.reason
        })
      assert.strictEqual(
        yield* reasonFor("/nowhere/opencode"),
        "MUSTER_OPENCODE_PATH is set to /nowhere/opencode, which is missing or not executable"
      )
      assert.match(yield* reasonFor(bin), /missing or not executable/)
      assert.match(yield* reasonFor("bin/opencode"), /not an absolute path/)
      assert.match(yield* reasonFor("oc-next"), /not on PATH/)
    }))
})

describe("versions", () => {
  const seen = (command: string, code: string) =>
    Effect.gen(function*() {
      const bin = yield* folder
      yield* program(join(bin, command), code)
      const { found, skipped } = yield* look({ PATH: bin })
      return found[0]?.version ?? skipped[0]?.reason
    })

  it.live("are the first line of stdout with a version", () =>
    Effect.gen(function*() {
      const code =
        `console.error("warning 1.1.1"); console.log("\\nUpdate!\\n\\u001b[1m v2.1.5 (Claude Code)\\u001b[0m\\n3.0.0")`
      assert.strictEqual(yield* seen("claude", code), "2.1.5")
    }))

  it.live("on stderr only count, as of pi", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* seen("pi", `console.error("0.73.1")`), "0.73.1")
    }))

  it.live("that cannot be parsed are kept if there is no minimum", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* seen("opencode", says("  dev build\n of today ")), "dev build of today")
    }))

  it.live("that cannot be parsed are a reason to skip if there is a minimum", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* seen("codex", says("dev build")),
        `codex --version prints "dev build", which is not a version; 0.100.0 or newer is needed`
      )
      assert.strictEqual(
        yield* seen("codex", ""),
        `codex --version prints nothing, which is not a version; 0.100.0 or newer is needed`
      )
    }))

  it.live.each(
    [
      ["claude", "1.99.99 (Claude Code)", "claude 1.99.99 is too old; 2.0.0 or newer is needed"],
      ["codex", "codex-cli 0.99.9", "codex 0.99.9 is too old; 0.100.0 or newer is needed"],
      ["copilot", "0.9.10", "copilot 0.9.10 is too old; 1.0.0 or newer is needed"],
      ["claude", "2.0.0", "2.0.0"],
      ["codex", "codex-cli 0.100.0", "0.100.0"],
      ["copilot", "GitHub Copilot CLI 1.0.102.\nRun 'copilot update' to check for updates.", "1.0.102"],
      ["auggie", "0.36.0 (commit 7c61e5bb)", "0.36.0"],
      ["cline", "v3.0.65-beta.1+build.7, of today", "3.0.65-beta.1+build.7"],
      ["cursor-agent", "2025.09.18-39624ef", "2025.09.18-39624ef"],
      ["grok", "grok 1.0.41 (4220f3b224a6)", "1.0.41"],
      ["grok", "0.0.34", `grok --version prints "0.0.34": this is another program`],
      ["goose", " 1.50.1", "1.50.1"],
      ["goose", "goose version: v3.24.1", `goose --version prints "goose version: v3.24.1": this is another program`]
    ] as const
  )(
    "F-16 %s %s: %s",
    ([command, printed, expected]) =>
      Effect.map(seen(command, says(printed)), (result) => assert.strictEqual(result, expected))
  )

  it.live("of a CLI that fails are a reason to skip, with its output", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* seen("kimi", `console.error("Node 24 is needed"); process.exitCode = 1`),
        "kimi --version ended with exit code 1: Node 24 is needed"
      )
    }))

  it.live("of a CLI that writes too much are a reason to skip", () =>
    Effect.gen(function*() {
      const reason = yield* seen("kimi", `for (let n = 0; n < 100; n++) process.stdout.write("1.0.0 ".repeat(100_000))`)
      assert.match(reason!, /^kimi --version wrote more than it may/)
    }))

  it.effect("D-15 F-12 a CLI that hangs on --version is asked twice, does not delay others and is ended", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const bin = yield* folder
      const again = join(bin, "again")
      yield* program(
        join(bin, "codex"),
        `const { existsSync, writeFileSync } = require("node:fs")
        setInterval(() => {}, 1000)
        const name = existsSync(${JSON.stringify(again)}) ? "again" : "hanging"
        writeFileSync(${JSON.stringify(again)}, "")
        ${reportAs("name")}`
      )
      const path = yield* program(join(bin, "opencode"), says("1.18.33"))
      const seen = yield* Queue.unbounded<Discovered>()
      const fiber = yield* Discovery.pipe(
        Effect.flatMap(({ look }) => Stream.runForEach(look, (one) => Queue.offer(seen, one))),
        Effect.provide(Discovery.layer),
        Effect.provideService(HostEnvironment, { ...roll.env, PATH: bin }),
        Effect.forkChild
      )
      const first = yield* roll.joined("hanging")
      const found = [{ provider: "opencode", path, version: "1.18.33" }]
      assert.deepStrictEqual(yield* Queue.take(seen), { found, skipped: [], complete: false })
      assert.isTrue(lives(first))
      yield* TestClock.adjust("10 seconds")
      const skipped = (seconds: number) => [{
        provider: "codex",
        path: join(bin, "codex"),
        verdict: "slow" as const,
        reason: `codex --version gave no answer within ${seconds} s`
      }]
      assert.deepStrictEqual(yield* Queue.take(seen), { found, skipped: skipped(10), complete: false })
      assert.deepStrictEqual(yield* Queue.take(seen), {
        found,
        skipped: skipped(10),
        complete: false,
        askedOnce: true
      })
      const second = yield* roll.joined("again")
      assert.isFalse(lives(first))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* Queue.take(seen), {
        found,
        skipped: skipped(30),
        complete: false,
        askedOnce: true
      })
      assert.deepStrictEqual(yield* Queue.take(seen), { found, skipped: skipped(30), complete: true })
      yield* Fiber.join(fiber)
      assert.isFalse(lives(second))
    }))

  it.effect("an interrupted discovery leaves no process", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const bin = yield* folder
      yield* program(join(bin, "codex"), `setInterval(() => {}, 1000); ${report("hanging")}`)
      const fiber = yield* Effect.forkChild(look({ ...roll.env, PATH: bin }))
      const pid = yield* roll.joined("hanging")
      yield* Fiber.interrupt(fiber)
      assert.isFalse(lives(pid))
    }))
})
