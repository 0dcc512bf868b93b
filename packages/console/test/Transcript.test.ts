import { assert, describe, it } from "@effect/vitest"
import type { TaskEvent } from "@muster/domain"
import { Schema } from "effect"
import {
  emptyTranscript,
  foldLog,
  type LogItem,
  maxBlocks,
  maxSize,
  maxText,
  runningCall,
  type Transcript
} from "../src/tasks/Transcript.ts"

const event = (offset: number, body: TaskEvent.Body): LogItem => ({
  type: "event",
  event: { offset, epoch: 1, at: offset, body }
})

const log = (...bodies: ReadonlyArray<TaskEvent.Body>) => bodies.map((body, i) => event(i + 1, body))

const read = (...bodies: ReadonlyArray<TaskEvent.Body>) => foldLog(emptyTranscript(0), log(...bodies))

const contents = ({ blocks }: Transcript) => blocks.map(({ content }) => content)

const tool = (id: string, status: TaskEvent.ToolStatus, title?: string): TaskEvent.Body => ({
  kind: "tool",
  id,
  status,
  ...(title !== undefined && { title })
})

const output = (id: string, text: string): TaskEvent.Body => ({ kind: "output", id, offset: 0, text })

const text = (text: string): TaskEvent.Body => ({ kind: "text", text })

const attempt = (number: number): TaskEvent.Body => ({
  kind: "attempt",
  number,
  provider: "codex",
  version: "1",
  model: null,
  folder: null,
  policy: "all",
  resumed: false
})

describe("the transcript of a log", () => {
  it("pieces of text are one block, thoughts another one, and usage interrupts neither", () => {
    const usage = { kind: "usage", model: "", inputTokens: 5, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 }
    const transcript = read(text("a"), usage as TaskEvent.Body, text("b\n"), { kind: "thought", text: "c" }, text("d"))
    assert.deepStrictEqual(contents(transcript), [
      { kind: "text", text: "ab\n" },
      { kind: "thought", text: "c" },
      { kind: "text", text: "d" }
    ])
    assert.strictEqual(transcript.tokens, 7)
  })

  it("a long text goes on in the next block, at a line break, and never within a character", () => {
    const line = `${"x".repeat(99)}\n`
    const lines = read(...Array.from({ length: 300 }, () => text(line)))
    assert.isTrue(contents(lines).every((content) => content.kind === "text" && content.text.endsWith("\n")))
    const faces = read(text("a"), text("😀".repeat(8_000)))
    for (const { blocks } of [lines, faces]) {
      const texts = blocks.map(({ content }) => content.kind === "text" ? content.text : "")
      assert.isTrue(texts.every((one) => one.isWellFormed() && one.length <= maxText))
      assert.isAbove(texts.length, 1)
    }
    assert.strictEqual(
      contents(faces).map((content) => content.kind === "text" ? content.text : "").join(""),
      `a${"😀".repeat(8_000)}`
    )
  })

  it("a call is one block with its output in order; what is missing is noted where it is missing", () => {
    const transcript = read(
      tool("1", "running", "first"),
      tool("2", "running", "second"),
      output("1", "a"),
      output("2", "x"),
      output("1", "b"),
      { kind: "gap", id: "1", bytes: 9 },
      output("1", "c"),
      tool("1", "failed"),
      { kind: "gap", id: null, bytes: 3 },
      output("unknown", "lost")
    )
    const [first, second, ...others] = contents(transcript)
    assert.deepInclude(first, { output: [{ text: "ab" }, { missing: 9 }, { text: "c" }], isLost: false })
    assert.deepInclude(second, { output: [{ text: "x" }], isLost: false })
    assert.deepStrictEqual(others, [{ kind: "missing", bytes: 3 }])
    assert.strictEqual(runningCall(transcript)?.title, "second")
  })

  it("calls that run when their attempt or task ends are lost; another attempt may use their ids", () => {
    const running = [attempt(1), tool("1", "running", "before")]
    const [, before, , after] = contents(read(...running, attempt(2), tool("1", "completed", "after")))
    assert.deepInclude(before, { isLost: true })
    assert.deepInclude(after, { isLost: false })
    const ended = foldLog(read(...running), [{ type: "end" } as LogItem])
    assert.deepInclude(contents(ended)[1], { isLost: true })
    assert.isUndefined(runningCall(ended))
  })

  it("T-29 entries that come again are ignored, and those that did not come are noted as lost", () => {
    const items = log(text("a"), text("b"), text("c"), text("d"))
    const once = foldLog(foldLog(emptyTranscript(0), items.slice(0, 3)), items.slice(1))
    assert.deepStrictEqual(contents(once), [{ kind: "text", text: "abcd" }])
    const lost = [{ kind: "text", text: "a" }, { kind: "lost", entries: 2 }, { kind: "text", text: "d" }] as const
    assert.deepStrictEqual(contents(foldLog(emptyTranscript(0), [items[0]!, items[3]!])), [...lost])
    const told = foldLog(emptyTranscript(0), [items[0]!, { type: "gap", after: 1, first: 4 }, items[3]!])
    assert.deepStrictEqual(contents(told), [...lost])
  })

  it("T-31 beyond a bound the oldest blocks leave; a call that left goes on in a new block", () => {
    const notice: TaskEvent.Body = { kind: "notice", text: "n" }
    const many = Array.from({ length: 3 * maxBlocks }, () => notice)
    const transcript = read(tool("1", "running", "old"), ...many, tool("1", "completed"))
    assert.isAtMost(transcript.blocks.length, maxBlocks)
    assert.strictEqual(transcript.from, transcript.last - transcript.blocks.length)
    assert.deepInclude(contents(transcript).at(-1), { kind: "tool", isLost: false })
    const call = contents(transcript).at(-1)
    assert.strictEqual(call?.kind === "tool" ? call.call.title : "", "old")
    const large = read(...Array.from({ length: 1_200 }, (_, i) => text(`${i}`.padEnd(maxText, "."))))
    assert.isAtMost(large.size, maxSize)
    assert.isAbove(large.size, maxSize / 2)
  })

  const Step = Schema.Literals(["text", "thought", "begin", "output", "end", "missing", "attempt", "notice", "lose"])

  const bodyOf = (step: typeof Step.Type, n: number): TaskEvent.Body => {
    const id = `${n % 3}`
    switch (step) {
      case "text":
      case "thought":
        return { kind: step, text: `${n}${"\n".repeat(n % 2)}` }
      case "begin":
        return tool(id, "running", `call ${n}`)
      case "output":
        return output(id, `${n}`)
      case "missing":
        return { kind: "gap", id, bytes: n + 1 }
      case "attempt":
        return attempt(n)
      case "end":
        return tool(id, n % 2 === 0 ? "completed" : "failed")
      default:
        return { kind: "notice", text: `${n}` }
    }
  }

  it.prop(
    "T-29 however a log is cut into connections and batches, and whatever comes twice, the transcript is the same",
    { steps: Schema.Array(Step), cuts: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))) },
    ({ cuts, steps }) => {
      const items = steps.flatMap((step, i) => step === "lose" ? [] : [event(i + 1, bodyOf(step, i))])
      const whole = foldLog(emptyTranscript(0), items)
      let pieces = emptyTranscript(0)
      let at = 0
      for (const cut of [...cuts, items.length]) {
        // Each batch begins with up to two entries of the one before.
        pieces = foldLog(pieces, items.slice(Math.max(0, at - (cut % 3)), at + cut))
        at += cut
      }
      assert.deepStrictEqual(
        [contents(pieces), pieces.size, pieces.last, pieces.from],
        [contents(whole), whole.size, whole.last, whole.from]
      )
      assert.strictEqual(new Set(whole.blocks.map(({ key }) => key)).size, whole.blocks.length)
      assert.strictEqual(whole.size, whole.blocks.reduce((sum, { size }) => sum + size, 0))
    }
  )
})
