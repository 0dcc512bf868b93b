import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { HeadBytes, LineSplitter, TailBytes } from "../../src/process/Bytes.ts"
import { bytesTouched } from "./bytesTouched.ts"

/** 2 MiB, with a character of two bytes at each end of a chunk. */
const line = Buffer.from("xé".repeat(699_050) + "xy")

const chunksOf = (bytes: Buffer, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))

/** Pieces of text, as they are cut at the given places. */
const cut = (text: string, places: ReadonlyArray<number>) => {
  const bytes = Buffer.from(text)
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const letters = Arbitrary.array(Arbitrary.schema(Schema.Literals(["\n", "a", "é", "😀"])), { maxLength: 80 })
const places = Arbitrary.array(Arbitrary.schema(between(0, 400)), { maxLength: 12 })

describe("bytes of a CLI", () => {
  it.each([512, 4_096, 65_536])("F-04 a line of N bytes costs O(N), in chunks of %i bytes", (size) => {
    const splitter = new LineSplitter(16 * 1024 * 1024)
    const lines: Array<string> = []
    const touched = bytesTouched(() => {
      for (const chunk of [...chunksOf(line, size), Buffer.from("\n")]) lines.push(...splitter.push(chunk)!)
    })
    assert.deepStrictEqual(lines, [line.toString()])
    assert.isBelow(touched, 5 * line.length)
  })

  it("F-04 the head and the tail of N bytes cost O(N), in chunks of 64 bytes", () => {
    const head = new HeadBytes(line.length)
    const tail = new TailBytes(4_096)
    const chunks = chunksOf(line, 64)
    const touched = bytesTouched(() => {
      for (const chunk of chunks) head.push(chunk)
      assert.strictEqual(head.text().length, line.toString().length)
    })
    assert.isBelow(touched, 5 * line.length)
    assert.isBelow(
      bytesTouched(() => {
        for (const chunk of chunks) tail.push(chunk)
      }),
      6 * line.length
    )
  })

  it.prop("F-04 lines, head and tail are the same however the bytes arrive", {
    letters,
    places,
    limit: between(4, 40)
  }, ({ letters, limit, places }) => {
    const text = letters.join("")
    const splitter = new LineSplitter(1_000_000)
    const head = new HeadBytes(limit)
    const tail = new TailBytes(limit)
    const lines: Array<string> = []
    for (const chunk of cut(text, places)) {
      lines.push(...splitter.push(chunk)!)
      head.push(chunk)
      tail.push(chunk)
    }
    const whole = Buffer.from(text)
    const wholeTail = new TailBytes(limit)
    wholeTail.push(whole)
    assert.deepStrictEqual([...lines, splitter.unfinished], text.split("\n"))
    assert.strictEqual(head.text(), whole.subarray(0, limit).toString())
    assert.strictEqual(tail.text(), wholeTail.text())
    assert.isTrue(text.endsWith(tail.text()))
    assert.isAtLeast(Buffer.byteLength(tail.text()), Math.min(whole.length, limit) - 3)
  })

  it.prop("F-04 the tail of texts is that of their bytes", {
    texts: Arbitrary.array(letters, { maxLength: 6 }),
    limit: between(4, 40)
  }, ({ limit, texts }) => {
    const ofTexts = new TailBytes(limit)
    const ofBytes = new TailBytes(limit)
    for (const text of texts.map((one) => one.join(""))) {
      assert.strictEqual(ofTexts.pushText(text), Buffer.byteLength(text))
      ofBytes.push(Buffer.from(text))
    }
    assert.strictEqual(ofTexts.text(), ofBytes.text())
  })
})
