import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { locate } from "../../src/discovery/Location.ts"
import { inLoginShell } from "../../src/discovery/LoginShell.ts"
import { providers } from "../../src/provider/providers.ts"
import { folder, program, shellProgram } from "../process/Folder.ts"
import { lives, report, rollCall } from "../process/RollCall.ts"

/** A person's home whose start file is `profile`, read by any login shell. */
const home = (profile: string) =>
  Effect.gen(function*() {
    const path = yield* folder
    yield* Effect.promise(() => writeFile(join(path, ".profile"), `${profile}\n`))
    return path
  })

const asBash = (at: string) => ({ HOME: at, SHELL: "/bin/bash", PATH: "/usr/bin:/bin" })

describe("discovery in the login shell", () => {
  it.live("finds what only the person's start files add to PATH", () =>
    Effect.gen(function*() {
      const bin = yield* folder
      const path = yield* program(join(bin, "opencode"), "")
      const at = yield* home(`echo "Welcome back!"; PATH="${bin}:$PATH"`)
      const found = yield* inLoginShell(["opencode", "codex"], asBash(at))
      assert.deepStrictEqual([...found], [["opencode", path]])
    }))

  it.live("ignores aliases and functions", () =>
    Effect.gen(function*() {
      const bin = yield* folder
      const opencode = yield* program(join(bin, "opencode"), "")
      const kimi = yield* program(join(bin, "kimi"), "")
      const at = yield* home(
        `PATH="${bin}:$PATH"; shopt -s expand_aliases; alias opencode="echo no"; alias pi="echo no"
        kimi() { echo no; }; codex() { echo no; }`
      )
      const found = yield* inLoginShell(["opencode", "kimi", "codex", "pi"], asBash(at))
      assert.deepStrictEqual([...found], [["opencode", opencode], ["kimi", kimi]])
    }))

  it.live("is asked once for all commands that are not on PATH", () =>
    Effect.gen(function*() {
      const bin = yield* folder
      yield* program(join(bin, "codex"), "")
      const shell = yield* shellProgram(join(bin, "zsh"), `echo "$@" >> "$ASKED"`)
      const host = { PATH: `${bin}:/usr/bin:/bin`, SHELL: shell, ASKED: join(bin, "asked") }
      const locations = yield* locate(providers, host)
      assert.strictEqual(locations.filter((one) => one._tag === "Here").length, 1)
      const asked = (yield* Effect.promise(() => readFile(host.ASKED, "utf8"))).trimEnd().split("\n")
      assert.strictEqual(asked.filter((line) => line.startsWith("-ilc ")).length, 1)
      assert.include(asked.join("\n"), "command -v cursor-agent")
      assert.notInclude(asked.join("\n"), "command -v codex")
    }))

  it.live("accepts only absolute paths of programs, for the requested commands", () =>
    Effect.gen(function*() {
      const bin = yield* folder
      const path = yield* program(join(bin, "pi"), "")
      const shell = yield* shellProgram(
        join(bin, "ksh"),
        `printf 'muster-found:%s=%s\\n' pi ${path} codex relative/codex opencode /nowhere/opencode other ${path}`
      )
      const found = yield* inLoginShell(["codex", "opencode", "pi"], { SHELL: shell, PATH: "/usr/bin:/bin" })
      assert.deepStrictEqual([...found], [["pi", path]])
    }))

  it.live("starts no unsupported or missing shell", () =>
    Effect.gen(function*() {
      const bin = yield* folder
      const path = yield* program(join(bin, "pi"), "")
      const fish = yield* shellProgram(join(bin, "fish"), `echo muster-found:pi=${path}`)
      for (const shell of [fish, "bash", "", undefined, "/nowhere/bash"]) {
        assert.strictEqual((yield* inLoginShell(["pi"], { SHELL: shell, PATH: "/usr/bin:/bin" })).size, 0)
      }
    }))

  it.effect("a shell whose start files hang is ended after 3 s, with its whole process tree", () =>
    Effect.gen(function*() {
      const roll = yield* rollCall
      const bin = yield* folder
      const hanging = yield* program(join(bin, "hang"), `${report("hanging")}; setInterval(() => {}, 1000)`)
      const at = yield* home(hanging)
      const fiber = yield* Effect.forkChild(inLoginShell(["pi"], { ...asBash(at), ...roll.env }))
      const pid = yield* roll.joined("hanging")
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).size, 0)
      assert.isFalse(lives(pid))
    }))
})
