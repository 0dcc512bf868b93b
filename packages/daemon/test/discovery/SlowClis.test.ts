import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { readdir, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { CliVersions } from "../../src/discovery/CliVersions.ts"
import { Discovery } from "../../src/discovery/Discovery.ts"
import { HostEnvironment } from "../../src/process/HostEnvironment.ts"
import { cliConcurrency } from "../../src/process/Run.ts"
import type { Provider } from "../../src/provider/Provider.ts"
import { providers } from "../../src/provider/providers.ts"
import { folder, program } from "../process/Folder.ts"
import { reportAs, rollCall } from "../process/RollCall.ts"

const whole = Effect.flatMap(Discovery, ({ look }) => Effect.flatMap(Stream.runLast(look), Effect.fromOption))

/** A machine with a codex that prints its version until the file `slow` exists; then it hangs, as `first`, then `second`. */
const machine = Effect.gen(function*() {
  const roll = yield* rollCall
  const bin = yield* folder
  const path = yield* program(
    join(bin, "codex"),
    `const { existsSync, writeFileSync } = require("node:fs")
    if (existsSync(${JSON.stringify(join(bin, "slow"))})) {
      const name = existsSync(${JSON.stringify(join(bin, "asked"))}) ? "second" : "first"
      writeFileSync(${JSON.stringify(join(bin, "asked"))}, "")
      setInterval(() => {}, 1000)
      ${reportAs("name")}
    } else console.log("codex-cli 0.171.0")`
  )
  const versions = join(yield* folder, "data", "cli-versions.json")
  /** One discovery of a daemon that has just started. */
  const look = whole.pipe(
    Effect.provide(Layer.provide(Discovery.layerOver(providers), CliVersions.layerFile(versions))),
    Effect.provideService(HostEnvironment, { ...roll.env, PATH: bin })
  )
  const slowLook = Effect.gen(function*() {
    yield* Effect.promise(() => writeFile(join(bin, "slow"), ""))
    const looking = yield* Effect.forkChild(look)
    yield* roll.joined("first")
    yield* TestClock.adjust("10 seconds")
    yield* roll.joined("second")
    yield* TestClock.adjust("30 seconds")
    return yield* Fiber.join(looking)
  })
  return { look, path, slowLook, versions }
})

describe("CLIs that are slow to print their version", () => {
  it.effect("F-12 count with the last known version of the same file, also in another process", () =>
    Effect.gen(function*() {
      const { look, path, slowLook } = yield* machine
      const cli = { provider: "codex", path, version: "0.171.0" }
      assert.deepStrictEqual(yield* look, { found: [cli], skipped: [], complete: true })
      assert.deepStrictEqual(yield* slowLook, { found: [{ ...cli, slow: true }], skipped: [], complete: true })
    }))

  it.effect("F-12 whose file has changed are slow, without a guessed version", () =>
    Effect.gen(function*() {
      const { look, path, slowLook } = yield* machine
      yield* look
      yield* Effect.promise(() => utimes(path, new Date(0), new Date(0)))
      const { found, skipped } = yield* slowLook
      assert.deepStrictEqual(found, [])
      assert.deepStrictEqual(skipped.map(({ verdict }) => verdict), ["slow"])
    }))

  it.effect("F-12 a version file that cannot be read counts as empty", () =>
    Effect.gen(function*() {
      const { look, slowLook, versions } = yield* machine
      yield* look
      yield* Effect.promise(() => writeFile(versions, "{"))
      assert.deepStrictEqual((yield* slowLook).skipped.map(({ verdict }) => verdict), ["slow"])
    }))

  it.live("F-12 no more CLIs run concurrently than the machine has cores", () =>
    Effect.gen(function*() {
      const [bin, running, counts] = [yield* folder, yield* folder, yield* folder]
      const fakes = Array.from(
        { length: 12 },
        (_, n): Provider => ({ ...providers[0]!, key: `cli${n}`, command: `cli-${n}` })
      )
      for (const { command } of fakes) {
        yield* program(
          join(bin, command),
          `const { readdirSync, rmSync, writeFileSync } = require("node:fs")
          const own = ${JSON.stringify(running)} + "/" + process.pid
          writeFileSync(own, "")
          setTimeout(() => {
            writeFileSync(${JSON.stringify(counts)} + "/" + readdirSync(${JSON.stringify(running)}).length, "")
            rmSync(own)
            console.log("2.0.0")
          }, 100)`
        )
      }
      const { found } = yield* whole.pipe(
        Effect.provide(Discovery.layerOf(fakes)),
        Effect.provideService(HostEnvironment, { PATH: bin })
      )
      assert.strictEqual(found.length, 12)
      const max = Math.max(...(yield* Effect.promise(() => readdir(counts))).map(Number))
      assert.isAtMost(max, cliConcurrency())
    }))
})
