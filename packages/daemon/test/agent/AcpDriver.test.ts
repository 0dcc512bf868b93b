import { assert, describe, it } from "@effect/vitest"
import { opencodeVariables, scriptedModel } from "@muster/store-suite"
import { Effect, Fiber, Option } from "effect"
import { existsSync } from "node:fs"
import { mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { acpDriver } from "../../src/agent/AcpDriver.ts"
import type { AgentEvent, AgentStart } from "../../src/agent/AgentDriver.ts"
import { driverOf } from "../../src/agent/drivers.ts"
import { cancelTimes, endAgent } from "../../src/task/EndAgent.ts"
import { findMarked } from "../../src/task/TaskMark.ts"
import { folder, program } from "../process/Folder.ts"
import { fakeAcp } from "./FakeAcp.ts"

/** The bytes of JavaScript values that are in use, after a garbage collection. */
const bytesInUse = Effect.sync(() => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
  return process.memoryUsage().heapUsed
})

const place = Effect.gen(function*() {
  const root = yield* folder
  const path = yield* program(join(root, "agent"), fakeAcp)
  const events: Array<AgentEvent> = []
  const start = (more: Partial<AgentStart> = {}, how = "acp") =>
    acpDriver("fake", { args: [how] }).start(
      { cli: { path, host: {} }, cwd: root, env: { PATH: "/usr/bin:/bin" }, permissions: "all", ...more },
      (event) => Effect.sync(() => void events.push(event))
    )
  const said = () => events.flatMap((event) => event._tag === "Text" ? [event.text] : []).join("")
  return { events, path, root, said, start }
})

describe("an agent that speaks ACP", () => {
  it.live("T-31 10,000 chunks and a line of 2 MiB arrive whole and in order", () =>
    Effect.gen(function*() {
      const { events, said, start } = yield* place
      const session = yield* start()
      assert.deepStrictEqual(yield* session.prompt("chunks"), { stop: "end" })
      assert.strictEqual(said(), Array.from({ length: 10_000 }, (_, n) => `chunk ${n}\n`).join(""))
      events.length = 0
      yield* session.prompt("line")
      assert.strictEqual(said().length, 2 * 1024 * 1024)
    }))

  it.live("T-31 what cannot be read is left out with a notice, and the rest goes on", () =>
    Effect.gen(function*() {
      const { events, said, start } = yield* place
      const session = yield* start()
      assert.deepStrictEqual(yield* session.prompt("garbage"), { stop: "end" })
      assert.strictEqual(said(), "after")
      assert.lengthOf(events.filter(({ _tag }) => _tag === "Notice"), 1)
    }))

  it.live("T-31 an update that cannot be read is left out with a notice, and the rest goes on", () =>
    Effect.gen(function*() {
      const { events, start } = yield* place
      const session = yield* start()
      assert.deepStrictEqual(yield* session.prompt("bad"), { stop: "end" })
      assert.deepStrictEqual(events.map(({ _tag }) => _tag), ["Notice", "Notice", "Notice", "Text", "Usage"])
    }))

  it.live("answers a question by the kind of its options, and shows a call that was not announced", () =>
    Effect.gen(function*() {
      for (
        const [permissions, option, answer] of [["all", "odd one", "allowed"], ["none", "zz-9", "rejected"]] as const
      ) {
        const { events, said, start } = yield* place
        const session = yield* start({ permissions })
        yield* session.prompt("permission")
        assert.deepStrictEqual(JSON.parse(said()), { outcome: "selected", optionId: option })
        assert.deepInclude(events[0], { _tag: "Tool", id: "unannounced", status: "pending", kind: "edit" })
        assert.deepStrictEqual(events[1], { _tag: "Permission", tool: "unannounced", title: "write a file", answer })
      }
    }))

  it.live("rejects where an agent offers only a yes, which counts as a rejection", () =>
    Effect.gen(function*() {
      for (
        const [permissions, outcome, answer] of [
          ["all", { outcome: "selected", optionId: "ever" }, "allowed"],
          ["none", { outcome: "cancelled" }, "rejected"]
        ] as const
      ) {
        const { events, said, start } = yield* place
        yield* Effect.flatMap(start({ permissions }), (session) => session.prompt("onlyYes"))
        assert.deepStrictEqual(JSON.parse(said()), outcome)
        assert.deepInclude(events.find(({ _tag }) => _tag === "Permission"), { answer })
      }
    }))

  it.live("answers a question that follows a cancel with the cancel", () =>
    Effect.gen(function*() {
      const { events, said, start } = yield* place
      const session = yield* start()
      const turn = yield* Effect.forkChild(session.prompt("askLate"))
      yield* session.cancel
      assert.deepStrictEqual(yield* Fiber.join(turn), { stop: "cancelled" })
      assert.strictEqual(said(), `working${JSON.stringify({ outcome: "cancelled" })}`)
      assert.isEmpty(events.filter(({ _tag }) => _tag === "Permission"))
    }))

  it.live("T-31 output that repeats the whole is passed on once", () =>
    Effect.gen(function*() {
      const { events, start } = yield* place
      yield* Effect.flatMap(start(), (session) => session.prompt("repeats"))
      assert.deepStrictEqual(events.flatMap((event) => event._tag === "Output" ? [event.text] : []), [
        "one",
        " two",
        " three"
      ])
      assert.deepStrictEqual(events.flatMap((event) => event._tag === "Tool" ? [event.status] : []), [
        "pending",
        "running",
        "running",
        "completed"
      ])
    }))

  it.live("T-31 the output of calls is not kept in memory", () =>
    Effect.gen(function*() {
      const { path, root } = yield* place
      let outputs = 0
      const session = yield* acpDriver("fake", { args: ["acp"] }).start(
        { cli: { path, host: {} }, cwd: root, env: { PATH: "/usr/bin:/bin" }, permissions: "all" },
        (event) => Effect.sync(() => void (outputs += event._tag === "Output" ? event.text.length : 0))
      )
      const before = yield* bytesInUse
      yield* session.prompt("calls")
      assert.strictEqual(outputs, 64 * 1024 * 1024)
      assert.isBelow((yield* bytesInUse) - before, 16 * 1024 * 1024)
    }))

  it.live("refuses methods that it does not have, and says what an unknown stop reason is", () =>
    Effect.gen(function*() {
      const { start } = yield* place
      const session = yield* start()
      assert.deepStrictEqual(yield* session.prompt("methods"), { stop: "end" })
      assert.deepStrictEqual(yield* session.prompt("odd"), {
        stop: "error",
        message: "fake ended its turn with because"
      })
    }))

  it.live("T-23 an agent that exits in the middle has died, with its exit code and its last words", () =>
    Effect.gen(function*() {
      const { start } = yield* place
      const session = yield* start()
      const error = yield* Effect.flip(session.prompt("die"))
      assert.deepInclude(error, { reason: "died" })
      assert.include(error.message, "exit code 3")
      assert.include(error.message, "out of memory")
    }))

  it.live("what a loaded session repeats is history, and a session that is gone is a new one", () =>
    Effect.gen(function*() {
      for (const how of ["acp", "older"]) {
        const { said, start } = yield* place
        const earlier = yield* start({ session: "s-0" }, how)
        assert.isTrue(earlier.resumed)
        assert.deepStrictEqual(yield* earlier.sessionId, Option.some("s-0"))
        assert.strictEqual(said(), "")
        const fresh = yield* start({ session: "s-9" }, how)
        assert.isFalse(fresh.resumed)
        assert.deepStrictEqual(yield* fresh.sessionId, Option.some("s-1"))
      }
    }))

  it.live("chooses the model that the session offers, and refuses another one with a sentence", () =>
    Effect.gen(function*() {
      for (const [how, words] of [["acp", "model b"], ["older", "older model b"]] as const) {
        const { said, start } = yield* place
        yield* start({ model: "b" }, how)
        assert.strictEqual(said(), words)
        const error = yield* Effect.flip(start({ model: "c" }, how))
        assert.include(error.message, "fake has no model c: choose one of the list")
      }
    }))

  it.live("reports the cost of a session that it opened", () =>
    Effect.gen(function*() {
      const { events, start } = yield* place
      yield* Effect.flatMap(start(), (session) => session.prompt("cost"))
      assert.deepInclude(events.at(-1), { _tag: "Usage", inputTokens: 1, costUsd: 0.25 })
      yield* Effect.flatMap(start({ session: "s-0" }), (session) => session.prompt("cost"))
      assert.notProperty(events.at(-1), "costUsd")
    }))

  it.live("a second stop reason of a turn changes neither it nor the next one", () =>
    Effect.gen(function*() {
      const { start } = yield* place
      const session = yield* start()
      assert.deepStrictEqual(yield* session.prompt("twice"), { stop: "end" })
      assert.deepStrictEqual(yield* session.prompt("garbage"), { stop: "end" })
    }))

  it.live("T-19 a cancel ends the turn, whatever the agent calls its end", () =>
    Effect.gen(function*() {
      const { start } = yield* place
      const session = yield* start()
      const turn = yield* Effect.forkChild(session.prompt("wait"))
      yield* session.cancel
      yield* session.cancel
      assert.deepStrictEqual(yield* Fiber.join(turn), { stop: "end" })
    }))

  it.live("T-20 an agent that ignores a cancel is ended by the end of its input", () =>
    Effect.gen(function*() {
      const { start } = yield* place
      const mark = `MUSTER_TASK=fake-${process.pid}:1`
      const session = yield* start({ env: { PATH: "/usr/bin:/bin", MUSTER_TASK: mark.slice("MUSTER_TASK=".length) } })
      const turn = yield* Effect.forkChild(Effect.flip(session.prompt("deaf")))
      const { left, step } = yield* endAgent({ ...session, mark, turnEnded: Fiber.await(turn) }, {
        ...cancelTimes,
        cancel: 50
      })
      assert.deepStrictEqual([step, left], ["input", 0])
      assert.strictEqual((yield* Fiber.join(turn)).reason, "died")
    }))
})

const root = fileURLToPath(new URL("../../../..", import.meta.url))

describe("opencode", () => {
  it.live(
    "T-13 T-18 writes a file after it asked, leaves no process of a canceled command, and goes on in a new process",
    () =>
      Effect.gen(function*() {
        const model = yield* scriptedModel()
        const home = yield* folder
        const cwd = join(home, "work")
        yield* Effect.promise(() => mkdir(cwd))
        const mark = `MUSTER_TASK=opencode-${process.pid}:1`
        const events: Array<AgentEvent> = []
        const start = (more: Partial<AgentStart> = {}) =>
          driverOf("opencode")!.start({
            cli: { path: join(root, "node_modules", ".bin", "opencode"), host: {} },
            cwd,
            env: {
              PATH: process.env["PATH"] ?? "",
              ...opencodeVariables(model.url, home),
              MUSTER_TASK: mark.slice("MUSTER_TASK=".length)
            },
            permissions: "all",
            ...more
          }, (event) => Effect.sync(() => void events.push(event)))
        const session = yield* start()
        assert.deepStrictEqual(yield* session.prompt(`SCRIPT:write PATH=${join(cwd, "app.txt")}`), { stop: "end" })
        assert.strictEqual(
          yield* Effect.promise(() => readFile(join(cwd, "app.txt"), "utf8")),
          "written by the agent\n"
        )
        assert.isNotEmpty(events.filter((event) => event._tag === "Permission" && event.answer === "allowed"))
        assert.isNotEmpty(events.filter((event) => event._tag === "Tool" && event.status === "completed"))
        assert.deepInclude(events.findLast(({ _tag }) => _tag === "Usage"), { outputTokens: 20, meaning: "call" })

        const turn = yield* Effect.forkChild(session.prompt("SCRIPT:longbash"))
        yield* Effect.sync(() => existsSync(join(cwd, "long.txt"))).pipe(Effect.repeat({ until: (there) => there }))
        const { left } = yield* endAgent({ ...session, mark, turnEnded: Fiber.await(turn) }, cancelTimes)
        assert.strictEqual(left, 0)
        assert.strictEqual(yield* Effect.promise(() => readFile(join(cwd, "long.txt"), "utf8")), "start\n")
        assert.deepStrictEqual(findMarked(mark), [])

        events.length = 0
        const again = yield* start({ session: Option.getOrThrow(yield* session.sessionId) })
        assert.isTrue(again.resumed)
        assert.isEmpty(events.filter(({ _tag }) => _tag === "Text"))
        assert.deepStrictEqual(yield* again.prompt("SCRIPT:hello"), { stop: "end" })
        const asked = model.events.findLast(({ _tag }) => _tag === "Asked")
        assert.include(asked?._tag === "Asked" ? asked.said : "", "SCRIPT:write")
      }),
    300_000
  )
})
