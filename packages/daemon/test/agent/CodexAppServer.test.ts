import { assert, describe, it } from "@effect/vitest"
import { codexConfig, codexVariables, scriptedModel } from "@muster/store-suite"
import { Deferred, Effect, Fiber, Option } from "effect"
import { existsSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { AgentEvent, AgentStart } from "../../src/agent/AgentDriver.ts"
import { codexAppServer } from "../../src/agent/CodexAppServer.ts"
import { signalMarked } from "../../src/task/TaskMark.ts"
import { folder } from "../process/Folder.ts"

const root = fileURLToPath(new URL("../../../..", import.meta.url))
const codex = join(root, "node_modules", ".bin", "codex")

let last = 0

/** A real Codex with a home of its own, over a scripted model. */
const place = Effect.gen(function*() {
  const model = yield* scriptedModel()
  const root = yield* folder
  const home = join(root, "codex")
  const cwd = join(root, "work")
  yield* Effect.promise(async () => {
    await mkdir(home)
    await mkdir(cwd)
    await writeFile(join(home, "config.toml"), codexConfig(model.url))
  })
  const mark = `MUSTER_TASK=codex-${process.pid}-${++last}:1`
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: root,
    ...codexVariables(home),
    MUSTER_TASK: mark.slice("MUSTER_TASK=".length)
  }
  const events: Array<AgentEvent> = []
  const start = (more: Partial<AgentStart> = {}) =>
    codexAppServer.start(
      { cli: { path: codex, host: {} }, cwd, env, permissions: "all", ...more },
      (event) => Effect.sync(() => void events.push(event))
    )
  return { model, cwd, mark, events, start }
})

const kinds = (events: ReadonlyArray<AgentEvent>) =>
  events.map(({ _tag }) => _tag).filter((tag, index, all) => tag !== all[index - 1])

describe("codex", () => {
  it.live(
    "T-13 writes a file, with its events in order and the model's numbers as usage",
    () =>
      Effect.gen(function*() {
        const { cwd, events, start } = yield* place
        const session = yield* start()
        const end = yield* session.prompt(`SCRIPT:write PATH=${join(cwd, "app.txt")}`)
        assert.deepStrictEqual(end, { stop: "end" })
        assert.strictEqual(
          yield* Effect.promise(() => readFile(join(cwd, "app.txt"), "utf8")),
          "written by the agent\n"
        )
        const shown = kinds(events.filter(({ _tag }) => _tag === "Tool" || _tag === "Text"))
        assert.deepStrictEqual(shown, ["Tool", "Text"])
        const tools = events.filter((event) => event._tag === "Tool")
        assert.deepStrictEqual(tools.map(({ status }) => status), ["running", "completed"])
        const usage = events.findLast((event) => event._tag === "Usage")
        assert.deepInclude(usage, { inputTokens: 200, outputTokens: 40, cacheReadTokens: 60, meaning: "turn" })
        const text = events.flatMap((event) => event._tag === "Text" ? [event.text] : []).join("")
        assert.strictEqual(text, "I wrote the file.")
      }),
    120_000
  )

  it.live("without permission there is no file, and the turn still ends", () =>
    Effect.gen(function*() {
      const { cwd, start } = yield* place
      const session = yield* start({ permissions: "none" })
      const end = yield* session.prompt(`SCRIPT:write PATH=${join(cwd, "app.txt")}`)
      assert.strictEqual(end.stop, "end")
      assert.isFalse(existsSync(join(cwd, "app.txt")))
    }), 120_000)

  it.live("T-19 a cancel while it speaks closes the request at the model", () =>
    Effect.gen(function*() {
      const { events, model, start } = yield* place
      const session = yield* start()
      const turn = yield* Effect.forkChild(session.prompt("SCRIPT:slow"))
      yield* model.next("Asked")
      yield* session.cancel
      assert.deepStrictEqual(yield* Fiber.join(turn), { stop: "cancelled" })
      yield* model.next("HungUp")
      const before = events.length
      yield* session.endInput
      yield* session.exited
      assert.strictEqual(events.slice(before).filter(({ _tag }) => _tag === "Text").length, 0)
    }), 120_000)

  it.live(
    "a new process goes on with the session, and a session that is gone is a new one",
    () =>
      Effect.gen(function*() {
        const { model, start } = yield* place
        const first = yield* start()
        yield* first.prompt("SCRIPT:hello first")
        yield* first.endInput
        yield* first.exited
        const id = Option.getOrThrow(yield* first.sessionId)
        const second = yield* start({ session: id })
        assert.isTrue(second.resumed)
        yield* second.prompt("SCRIPT:hello second")
        const asked = model.events.findLast((event) => event._tag === "Asked")
        assert.include(asked?.said, "first")
        const third = yield* start({ session: "00000000-0000-7000-8000-000000000000" })
        assert.isFalse(third.resumed)
      }),
    120_000
  )

  it.live("T-23 an agent that is killed in the middle has died, with its signal", () =>
    Effect.gen(function*() {
      const { mark, model, start } = yield* place
      const session = yield* start()
      const turn = yield* Effect.forkChild(session.prompt("SCRIPT:slow"))
      yield* model.next("Asked")
      signalMarked(mark, "SIGKILL")
      const error = yield* Effect.flip(Fiber.join(turn))
      assert.strictEqual(error.reason, "died")
      assert.include(error.message, "SIGKILL")
    }), 120_000)

  it.live("a cancel before the turn has an id is not lost", () =>
    Effect.gen(function*() {
      const { start } = yield* place
      const session = yield* start()
      const begun = yield* Deferred.make<void>()
      const turn = yield* Effect.forkChild(
        Effect.andThen(Deferred.succeed(begun, undefined), session.prompt("SCRIPT:slow"))
      )
      yield* Deferred.await(begun)
      yield* session.cancel
      assert.deepStrictEqual(yield* Fiber.join(turn), { stop: "cancelled" })
    }), 120_000)
})
