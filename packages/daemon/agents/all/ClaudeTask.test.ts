import { assert, describe, it } from "@effect/vitest"
import { claudeVariables, scriptedModel } from "@muster/store-suite"
import { Effect, Fiber, Option } from "effect"
import { mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import type { AgentEvent, AgentStart } from "../../src/agent/AgentDriver.ts"
import { claudeStream } from "../../src/agent/ClaudeStream.ts"
import { folder } from "../../test/process/Folder.ts"
import { installed, packages, versions } from "../Installed.ts"

describe("claude, over a scripted model", () => {
  it.live(
    "writes a file after it asked, is canceled, goes on in a new process, and starts a new session if it cannot",
    () =>
      Effect.gen(function*() {
        const model = yield* scriptedModel()
        const home = yield* folder
        const cwd = join(home, "work")
        yield* Effect.promise(() => mkdir(cwd))
        const path = join(yield* installed(packages.claude, versions.claude), "claude")
        const events: Array<AgentEvent> = []
        const env = { PATH: process.env["PATH"] ?? "", ...claudeVariables(model.url, home) }
        const start = (more: Partial<AgentStart> = {}) =>
          claudeStream.start(
            { cli: { path, host: {} }, cwd, env, permissions: "all", model: "claude-sonnet-4-6", ...more },
            (event) => Effect.sync(() => void events.push(event))
          )
        const first = yield* start()
        const file = join(cwd, "app.txt")
        assert.deepStrictEqual(yield* first.prompt(`SCRIPT:write PATH=${file}`), { stop: "end" })
        assert.strictEqual(yield* Effect.promise(() => readFile(file, "utf8")), "written by the agent\n")
        assert.lengthOf(events.filter((event) => event._tag === "Permission" && event.answer === "allowed"), 1)
        assert.deepInclude(events.at(-1), {
          _tag: "Usage",
          inputTokens: 200,
          outputTokens: 40,
          model: "claude-sonnet-4-6"
        })
        const id = Option.getOrThrow(yield* first.sessionId)
        yield* first.endInput
        yield* first.exited

        const second = yield* start({ session: id })
        assert.isTrue(second.resumed)
        const turn = yield* Effect.forkChild(second.prompt("SCRIPT:slow"))
        yield* Effect.sync(() => events.at(-1)?._tag).pipe(Effect.repeat({ until: (tag) => tag === "Text" }))
        yield* second.cancel
        assert.deepStrictEqual(yield* Fiber.join(turn), { stop: "cancelled" })
        yield* model.next("HungUp")
        assert.deepStrictEqual(yield* second.sessionId, Option.some(id))

        const third = yield* start({ session: "01234567-89ab-4cde-8f01-23456789abcd" })
        assert.isFalse(third.resumed)
        assert.deepStrictEqual(yield* third.prompt("SCRIPT:hello"), { stop: "end" })
      }),
    300_000
  )
})
