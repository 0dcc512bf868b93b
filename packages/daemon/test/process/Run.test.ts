import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { chmod } from "node:fs/promises"
import { join } from "node:path"
import { spawnTree } from "../../src/process/ProcessTree.ts"
import { run } from "../../src/process/Run.ts"
import { leaseOf } from "../support/Lease.ts"
import { folder, program } from "./Folder.ts"
import { lives, report, rollCall, startChild } from "./RollCall.ts"

const idle = "setInterval(() => {}, 1000)"
const deaf = `process.on("SIGTERM", () => {})`

const fake = (code: string) => Effect.flatMap(folder, (at) => program(join(at, "cli"), code))

const bounds = { env: {}, timeout: "20 seconds" } as const

describe("run", () => {
  it.live("returns exit code and both outputs, and passes stdin", () =>
    Effect.gen(function*() {
      const cli = yield* fake(`
        process.stdin.on("data", (text) => process.stdout.write("got " + text))
        process.stdin.on("end", () => { process.stderr.write("bye"); process.exitCode = 3 })`)
      const outcome = yield* run(cli, [], { ...bounds, stdin: "a word" })
      assert.deepStrictEqual(outcome, {
        exitCode: 3,
        signal: null,
        stdout: "got a word",
        stderr: "bye",
        truncated: false,
        timedOut: false
      })
    }))

  it.live("passes exactly the given environment and arguments", () =>
    Effect.gen(function*() {
      const cli = yield* fake(
        `console.log(JSON.stringify([process.env.A, process.env.HOME ?? null, ...process.argv.slice(2)]))`
      )
      const { stdout } = yield* run(cli, ["x y", "$A"], { ...bounds, env: { A: "1" } })
      assert.deepStrictEqual(JSON.parse(stdout), ["1", null, "x y", "$A"])
    }))

  it.live("fails with a sentence if the file is missing or not executable", () =>
    Effect.gen(function*() {
      const missing = yield* Effect.flip(run("/nowhere/cli", [], bounds))
      assert.strictEqual(missing._tag, "SpawnFailed")
      assert.include(missing.message, "cannot start /nowhere/cli: there is no such file")
      const cli = yield* fake("")
      yield* Effect.promise(() => chmod(cli, 0o644))
      assert.include((yield* Effect.flip(run(cli, [], bounds))).message, "may not run it")
      assert.strictEqual((yield* Effect.flip(run("/bin/sh", ["\0"], bounds)))._tag, "SpawnFailed")
    }))

  it.effect("ends a command that hangs, with its whole process tree", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const cli = yield* fake(`${report("cli")}; console.log("half"); console.error("waiting for a login"); ${idle}`)
      const fiber = yield* Effect.forkChild(run(cli, [], { env: roll.env, timeout: "10 seconds" }))
      const pid = yield* roll.joined("cli")
      yield* TestClock.adjust("10 seconds")
      const outcome = yield* Fiber.join(fiber)
      assert.isTrue(outcome.timedOut)
      assert.isNull(outcome.exitCode)
      assert.isFalse(lives(pid))
    }))

  it.live("ends a command that ignores SIGTERM", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const cli = yield* fake(`${deaf}; ${report("cli")}; ${idle}`)
      const fiber = yield* Effect.forkChild(run(cli, [], { ...bounds, env: roll.env }))
      const pid = yield* roll.joined("cli")
      yield* Fiber.interrupt(fiber)
      assert.isFalse(lives(pid))
    }))

  it.live("stops a command that writes 100 MB at the bound, with bounded memory", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const cli = yield* fake(`
        const chunk = Buffer.alloc(1024 * 1024, "x")
        let left = 100
        const write = () => { while (left-- > 0) if (!process.stdout.write(chunk)) return process.stdout.once("drain", write) }
        ${report("cli", "write()")}`)
      const before = process.memoryUsage().arrayBuffers
      const outcome = yield* run(cli, [], { ...bounds, env: roll.env, maxStdoutBytes: 64 * 1024 })
      assert.isTrue(outcome.truncated)
      assert.isFalse(outcome.timedOut)
      assert.strictEqual(outcome.stdout.length, 64 * 1024)
      // Chunks that wait for garbage collection count, too; keeping the output would need 100 MB.
      assert.isBelow(process.memoryUsage().arrayBuffers - before, 32 * 1024 * 1024)
      assert.isFalse(lives(yield* roll.joined("cli")))
    }))

  it.live("keeps the end of a long stderr, in whole characters", () =>
    Effect.gen(function*() {
      const cli = yield* fake(`
        process.stderr.write("é".repeat(3_000_000) + "!", () => process.exit(1))`)
      const { exitCode, stderr } = yield* run(cli, [], bounds)
      assert.strictEqual(exitCode, 1)
      assert.strictEqual(stderr, "é".repeat(2047) + "!")
    }))
})

describe("run and disks", () => {
  it.effect("F-03 a command whose file does not open blocks nothing else, and ends at its timeout", () =>
    Effect.gen(function*() {
      const hung = yield* fake(`console.log("late")`)
      const lease = yield* leaseOf(hung)
      const fiber = yield* Effect.forkChild(run(hung, [], { env: {}, timeout: "10 seconds" }))
      yield* lease.asked
      assert.strictEqual((yield* run(yield* fake(`console.log("here")`), [], bounds)).stdout, "here\n")
      assert.isUndefined(fiber.pollUnsafe(), "the file was opened")
      yield* TestClock.adjust("10 seconds")
      assert.isTrue((yield* Fiber.join(fiber)).timedOut)
    }))

  it.live("runs in its folder, and fails with a sentence if that folder is missing", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const cli = yield* fake(`console.log(process.cwd(), Object.keys(process.env).join())`)
      const { stdout } = yield* run(cli, [], { ...bounds, env: { A: "1" }, cwd: at })
      assert.match(stdout, new RegExp(`^${at} A(,_)?\n$`))
      const missing = yield* Effect.flip(run(cli, [], { ...bounds, cwd: `${at}/missing` }))
      assert.include(missing.message, "its interpreter or working directory is missing")
    }))
})

describe("run and grandchildren", () => {
  it.live("returns if a grandchild holds the pipes after the command's end, and ends it", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const child = startChild("grandchild", `{ stdio: ["ignore", "inherit", "inherit", "ipc"] }`)
      const cli = yield* fake(`${child}.once("message", () => { console.log("done"); process.exit(0) })`)
      const { exitCode, stdout } = yield* run(cli, [], { ...bounds, env: roll.env })
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(stdout, "done\n")
      assert.isFalse(lives(yield* roll.joined("grandchild")))
    }))

  it.live("a timeout ends grandchildren, too, also those that ignore SIGTERM or left the process group", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const cli = yield* fake(`
        ${startChild("near", `{ stdio: "inherit" }`)}
        ${startChild("far", `{ stdio: "inherit", detached: true }`)}
        ${deaf}; ${report("cli")}; ${idle}`)
      const fiber = yield* Effect.forkChild(run(cli, [], { ...bounds, env: roll.env }))
      const pids = yield* Effect.all([roll.joined("cli"), roll.joined("near"), roll.joined("far")])
      assert.isTrue(pids.every(lives))
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(pids.map(lives), [false, false, false])
    }))

  it.live("returns although a process that cannot be reached holds the pipes", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      // The middle process ends at once: nothing ties the last one to the command any more.
      const last = startChild("stray", `{ stdio: "inherit", detached: true }`)
      const cli = yield* fake(`
        const { status } = require("node:child_process").spawnSync(process.execPath,
          ["-e", ${JSON.stringify(`${last}.unref()`)}], { stdio: "inherit" })
        process.exit(status)`)
      const { exitCode } = yield* run(cli, [], { ...bounds, env: roll.env })
      assert.strictEqual(exitCode, 0)
      const pid = yield* roll.joined("stray")
      assert.isTrue(lives(pid))
      process.kill(pid, "SIGKILL")
    }))

  it.live("a daemon that exits with open scopes ends its commands", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const cli = yield* fake(`${report("cli")}; ${idle}`)
      const module = new URL("../../src/process/Run.ts", import.meta.url).href
      const daemon = yield* fake(`
        process.stdin.once("data", () => process.exit(5))
        import(${JSON.stringify(module)}).then(async ({ run }) => {
          const { Effect } = await import(${JSON.stringify(import.meta.resolve("effect"))})
          Effect.runFork(run(${JSON.stringify(cli)}, [], { env: process.env, timeout: "1 minute" }))
        })`)
      const tree = yield* spawnTree(daemon, [], { env: roll.env })
      yield* roll.joined("cli")
      tree.stdin.write("exit\n")
      assert.strictEqual((yield* tree.exited).exitCode, 5)
      yield* roll.left("cli")
    }))
})
