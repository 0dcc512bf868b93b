import { assert, describe, it } from "@effect/vitest"
import { type Task, TaskEvent } from "@muster/domain"
import { Effect } from "effect"
import { startRun } from "./LegacyScene.ts"

describe("the reports of a v0.3.1 daemon", () => {
  it.effect("T-32 T-38 a secret that is split over messages or reports is masked", () =>
    Effect.gen(function*() {
      const { report, shown } = yield* startRun
      const text = (content: string) => ({ type: "text", content })
      yield* report(text(`use mtk_012`))
      yield* report(text("3456789abcdef"), text("0123456789abcdef01234567 for"))
      yield* report(text(" all -----BEGIN PRIV"), { type: "thinking", content: "hm mtk_0123456789" })
      yield* report({ type: "thinking", content: "abcdef0123 so" }, text("ATE KEY-----\nMIIEabc\n"))
      yield* report(text("MIIEdef\n-----END PRIVATE"))
      yield* report(text(" KEY----"), text("-\nand ri"))
      yield* report(text("sk-0123456789abcdef0123 is a word; hf_0123"))
      yield* report(
        { type: "tool_use", tool: "Bash", input: { command: "456789abcdef0123" } },
        text("456789abcdef0123")
      )
      assert.strictEqual(
        yield* shown("text"),
        "use mtk_012[masked] for all -----BEGIN PRIV[masked]\nand risk-0123456789abcdef0123 is a word; hf_0123" +
          "456789abcdef0123"
      )
      assert.strictEqual(yield* shown("thought"), "hm [masked] so")
    }))

  it.effect("T-38 a result that comes in a later report ends the call that it belongs to", () =>
    Effect.gen(function*() {
      const { bodies, report } = yield* startRun
      const use = (tool: string, n: number) => ({ type: "tool_use", tool, input: { n } })
      const result = (tool: string, output: string) => ({ type: "tool_result", tool, output })
      yield* report(use("Bash", 1))
      yield* report({ type: "thinking", content: "hm" }, use("Read", 2), use("Bash", 3))
      yield* Effect.forEach(Array.from({ length: 20 }), (_, n) => report({ type: "text", content: `${n}` }))
      yield* report(result("Read", "r2"))
      yield* report(result("Bash", "r1"), use("Bash", 4))
      yield* report(result("Bash", "r3"), result("Bash", "r4"), result("Bash", "of none"))
      const calls = new Map<string, Array<unknown>>()
      for (const body of yield* bodies) {
        if (body.kind !== "tool" && body.kind !== "output") continue
        calls.set(body.id, [...(calls.get(body.id) ?? []), body.status ?? body.text])
      }
      assert.deepStrictEqual([...calls.values()], [
        ["running", "r1", "completed"],
        ["running", "r2", "completed"],
        ["running", "r3", "completed"],
        ["running", "r4", "completed"],
        ["of none", "completed"]
      ])
    }))

  it.effect("T-38 long reports are never refused: long texts are in pieces, and the log says what was cut", () =>
    Effect.gen(function*() {
      const { bodies, id, me, report, run, shown } = yield* startRun
      const long = "🧭".repeat(12_000)
      yield* report({ type: "text", content: long }, { type: "error", content: "e".repeat(20_000) })
      assert.strictEqual(yield* shown("text"), long)
      assert.strictEqual(yield* shown("error"), "e".repeat(20_000))

      const from = (yield* bodies).length
      yield* report(
        { type: "tool_use", tool: "Write", input: { text: `ghp_${"a".repeat(36)} ${"x".repeat(40_000)}` } },
        { type: "tool_result", tool: "Write", output: `${"é".repeat(40_000)}end` }
      )
      const [use, cutInput, ...output] = (yield* bodies).slice(from)
      assert.strictEqual(use.input, `{"text":"[masked] ${"x".repeat(8_174)}…`)
      assert.deepStrictEqual(cutInput, {
        kind: "notice",
        text: "the input of a tool is cut: it has 40020 bytes, of which the first 8192 are kept"
      })
      assert.deepStrictEqual(output.map(({ bytes, kind, offset, status }: any) => bytes ?? offset ?? status ?? kind), [
        0,
        32_768,
        14_467,
        "completed"
      ])

      yield* run.post("complete", { output: "é".repeat(150_000) })
      assert.strictEqual((yield* me.get(`/api/tasks/${id}`)).json.text, "é".repeat(128 * 1024))
      assert.deepStrictEqual((yield* bodies).at(-1), {
        kind: "notice",
        text: "the agent's last message is cut: it has 300000 bytes, of which the first 262144 are kept"
      })
    }))

  it.effect("T-38 a long error of a failed task is cut, and the log says so", () =>
    Effect.gen(function*() {
      const { bodies, id, me, run } = yield* startRun
      yield* run.post("fail", { error: "e".repeat(20_000) })
      assert.lengthOf((yield* me.get(`/api/tasks/${id}`)).json.error, 16_000)
      assert.deepStrictEqual(yield* bodies, [{
        kind: "notice",
        text: "the error is cut: it has 20000 bytes, of which the first 16000 are kept"
      }])
    }))

  it.effect("T-38 the messages of a task are listed in the words of v0.3.1, from the number that the caller has", () =>
    Effect.gen(function*() {
      const { id, me, report, run } = yield* startRun
      const list = (query: string) => run.get(`messages${query}`)
      assert.deepStrictEqual((yield* list("")).json, [])
      yield* report(
        { type: "thinking", content: "hm" },
        { type: "tool_use", tool: "Bash", input: { command: "ls" } },
        { type: "tool_result", tool: "Bash", output: "ok" },
        { type: "text", content: "hello mtk_0123456789abcdef0123456789abcdef01234567" },
        { type: "error", content: "a warning" }
      )
      const all = [
        { task_id: id, seq: 1, type: "thinking", content: "hm" },
        { task_id: id, seq: 2, type: "tool_use", tool: "Bash", input: { command: "ls" } },
        { task_id: id, seq: 3, type: "tool_result", tool: "Bash", output: "ok" },
        { task_id: id, seq: 5, type: "text", content: "hello [masked]" },
        { task_id: id, seq: 6, type: "error", content: "a warning" }
      ]
      assert.deepStrictEqual((yield* list("")).json, all)
      assert.deepStrictEqual((yield* list("?since=3")).json, all.slice(3))
      for (const since of ["x", "-1", "1.5", "1e3", "9".repeat(30)]) {
        const { json, status } = yield* list(`?since=${since}`)
        assert.deepStrictEqual([status, json.error], [400, "invalid since parameter"], since)
      }
      assert.strictEqual((yield* me.get(`/api/daemon/tasks/${id}/messages?since=`)).status, 200)
    }))

  it.effect("T-31 a tool's input that is nested deeply is cut there, in reports of any daemon", () =>
    Effect.gen(function*() {
      const { bodies, claim, me, of, post, run } = yield* startRun
      const nested = (depth: number) => `${"[".repeat(depth)}1${"]".repeat(depth)}`
      const own = (yield* post()).json.id
      yield* claim
      for (const depth of [99, 100, 5_000, 200_000]) {
        const report = `{"messages":[{"type":"tool_use","tool":"x","input":{"a":${nested(depth)}}}]}`
        assert.strictEqual((yield* run.post("messages", report)).status, 200)
        const body = `{"kind":"tool","id":"t","status":"running","input":{"a":${nested(depth)}}}`
        const events = `{"epoch":1,"events":[{"seq":1,"at":0,"body":${body}}]}`
        assert.strictEqual((yield* of(own).post("events", events)).status, 200)
      }
      const kept = nested(99).replace("1", "\"…\"")
      const inputs = (yield* bodies).map(({ input }: any) => JSON.stringify(input))
      assert.deepStrictEqual(inputs, [nested(99), kept, kept, kept].map((text) => `{"a":${text}}`))
      const [{ body }] = (yield* me.get(`/api/tasks/${own}/events`)).json.events
      assert.strictEqual(JSON.stringify(body.input), `{"a":${nested(99)}}`)
    }))

  it.effect("T-31 the log of a task that is full says so once", () =>
    Effect.gen(function*() {
      const { id, muster, report, taskOf } = yield* startRun
      const { epoch } = yield* taskOf(id)
      const held = { id: id as Task.TaskId, epoch }
      const fill = (length: number) => {
        const part = Array.from(
          { length: 500 },
          () => ({ at: 0, body: { kind: "text", text: "x".repeat(length) } as const })
        )
        return Effect.orDie(muster.taskLog.appendUnnumbered(held, part))
      }
      const texts = Math.ceil(TaskEvent.maxLogBytes / TaskEvent.maxEventText)
      yield* Effect.repeat(fill(TaskEvent.maxEventText), { times: Math.ceil(texts / 500) })
      yield* Effect.repeat(fill(0), { times: 2 })
      const { last } = yield* Effect.orDie(muster.taskLog.read(held.id, 2 ** 31 - 1, 1))
      const call = [{ type: "tool_use", tool: "x", input: {} }, { type: "tool_result", tool: "x", output: "ok" }]
      yield* Effect.repeat(report({ type: "text", content: "lost" }, ...call), { times: 9 })
      const { events } = yield* Effect.orDie(muster.taskLog.read(held.id, last, 100))
      const notice = "the log of this task is full: what follows is not logged, the task goes on"
      assert.deepStrictEqual(
        events.flatMap(({ body }) => body.kind === "notice" ? [body.text] : body.kind === "tool" ? [] : ["another"]),
        [notice]
      )
    }))
})
