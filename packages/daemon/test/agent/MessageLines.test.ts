import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type MessageLine, MessageLines } from "../../src/agent/MessageLines.ts"

const MiB = 1024 * 1024

/** The messages of an output that arrives in pieces of these sizes, repeated until its end. */
const read = (bytes: Buffer, sizes: ReadonlyArray<number>): ReadonlyArray<MessageLine> => {
  const lines = new MessageLines()
  const found: Array<MessageLine> = []
  for (let from = 0, piece = 0; from < bytes.length; piece++) {
    const size = sizes[piece % sizes.length]!
    found.push(...lines.push(bytes.subarray(from, from + size)))
    from += size
  }
  return found
}

const message = (n: number): MessageLine => ({ _tag: "Message", message: { n } })

describe("the lines of an agent", () => {
  it("T-31 a line beyond 10 MiB is left out with one notice, and the rest goes on", () => {
    const output = Buffer.from(`{"n":1}\n{"text":"${"x".repeat(11 * MiB)}"}\n{"n":2}\n`)
    for (const size of [64 * 1024, output.length]) {
      assert.deepStrictEqual(read(output, [size]), [
        message(1),
        { _tag: "Notice", text: "a message of the agent was larger than 10 MiB and was left out" },
        message(2)
      ])
    }
  })

  it("T-31 a line of just 10 MiB is a message", () => {
    const line = `{"text":"${"x".repeat(10 * MiB - 11)}"}`
    assert.strictEqual(line.length, 10 * MiB)
    const found = read(Buffer.from(`${line}\n{"n":2}\n`), [MiB])
    assert.deepStrictEqual(found.map(({ _tag }) => _tag), ["Message", "Message"])
  })

  it.each([0, 1, 2, 3])(
    "T-31 a long line whose characters begin %i bytes later is decoded without a damaged one",
    (before) => {
      const text = `${"x".repeat(before)}${"🧭é".repeat(MiB / 2)}`
      const found = read(Buffer.from(`{"text":"${text}"}\n`), [64 * 1024])
      assert.deepStrictEqual(found.length, 1)
      // Compared without `deepStrictEqual`, which would print megabytes.
      assert.isTrue(found[0]!._tag === "Message" && found[0]!.message["text"] === text)
    }
  )

  it("T-31 bytes that are no UTF-8, NUL and banners stop nothing", () => {
    const output = Buffer.concat([
      Buffer.from("a banner\n\n{\"text\":\""),
      Buffer.from([0xff, 0xfe]),
      Buffer.from("\"}\n{\"n\":\0}\n[1]\n{\"n\":2}\n")
    ])
    assert.deepStrictEqual(read(output, [7]), [
      { _tag: "Message", message: { text: "\ufffd\ufffd" } },
      { _tag: "Notice", text: "a message of the agent could not be read and was left out" },
      message(2)
    ])
  })

  it.prop("T-31 any pieces of an output give the same messages", [
    Schema.Array(Schema.Struct({ text: Schema.String })),
    Schema.NonEmptyArray(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 })))
  ], ([messages, sizes]) => {
    const output = Buffer.from(messages.map((one) => `${JSON.stringify(one)}\n`).join(""))
    assert.deepStrictEqual(read(output, sizes), messages.map((one): MessageLine => ({ _tag: "Message", message: one })))
  })
})
