import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { executablesAmong, Looking, onPath } from "../../src/discovery/Executable.ts"
import { folder, program, shellProgram } from "../process/Folder.ts"
import { lives, rollCall } from "../process/RollCall.ts"
import { settle } from "../support/settle.ts"

describe("executables", () => {
  it.live("are files that this user may run, with any name; the first on PATH counts", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const odd = join(at, "with 'quotes' $(x)\n")
      for (const one of [at, odd, join(at, "folder")]) mkdirSync(one, { recursive: true })
      yield* shellProgram(join(odd, "cli"), "true")
      yield* shellProgram(join(at, "cli"), "true")
      writeFileSync(join(at, "text"), "")
      chmodSync(join(at, "text"), 0o644)
      const paths = ["cli", "text", "folder", "missing"].map((name) => join(at, name))
      assert.deepStrictEqual([...yield* executablesAmong([join(odd, "cli"), ...paths])], [join(odd, "cli"), paths[0]])
      assert.strictEqual(yield* onPath("cli", `relative:${at}/missing:${odd}:${at}`), join(odd, "cli"))
      assert.isUndefined(yield* onPath("cli", undefined))
    }))

  it.effect("F-03 a folder of PATH that does not answer costs 5 s, once in 10 min, and does not hide others", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const roll = yield* rollCall
      // A shell that the kernel stops as it comes to a file of the folder `hung`, as it does on a disk that hangs.
      const shell = yield* program(
        join(at, "shell"),
        `const paths = process.argv.slice(5)
        const roll = require("node:net").connect(${JSON.stringify(roll.env.ROLL)})
        const next = () => {
          const path = paths.shift()
          if (path === undefined) process.exit(0)
          if (path.includes("/hung/")) return roll.write("hung " + process.pid + "\\n", () => process.kill(process.pid, "SIGSTOP"))
          process.stdout.write(require("node:fs").existsSync(path) ? "yes\\n" : "no\\n", next)
        }
        next()`
      )
      for (const name of ["first", "hung", "last"]) mkdirSync(join(at, name))
      yield* shellProgram(join(at, "last", "cli"), "true")
      const path = ["first", "hung", "last"].map((name) => join(at, name)).join(":")
      const hung = new Map<string, number>()
      const find = Effect.provideService(onPath("cli", path), Looking, { shell, hung })

      const looking = yield* Effect.forkChild(find)
      const pid = yield* roll.joined("hung")
      yield* settle
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* Fiber.join(looking), join(at, "last", "cli"))
      assert.isFalse(lives(pid))
      assert.deepStrictEqual([...hung], [[join(at, "hung"), 600_000]])
      // At once: no time passes.
      assert.strictEqual(yield* find, join(at, "last", "cli"))
    }))
})
