import { assert, describe, it } from "@effect/vitest"
import { TextCuts } from "@muster/domain"
import { Schema } from "effect"
import { OutputCut } from "../../src/task/OutputCut.ts"

describe("the cut of a tool's output", () => {
  it.prop("T-31 head and tail are kept, the gap has the size of what is missing, no character is halved", [
    Schema.Array(Schema.String),
    Schema.Int.check(Schema.isBetween({ minimum: 4, maximum: 40 }))
  ], ([raw, limit]) => {
    const chunks = raw.map((text) => text.toWellFormed())
    const whole = Buffer.from(chunks.join(""))
    const cut = new OutputCut(limit)
    const pieces = [...chunks.flatMap((chunk) => cut.push(chunk) ?? []), ...cut.end()]
    let at = 0
    let missing = 0
    for (const piece of pieces) {
      if (piece._tag === "Gap") {
        missing += piece.bytes
        at += piece.bytes
        continue
      }
      assert.isTrue(piece.text.isWellFormed())
      assert.strictEqual(piece.offset, at)
      const bytes = Buffer.from(piece.text)
      assert.deepStrictEqual(whole.subarray(at, at + bytes.length), bytes)
      at += bytes.length
    }
    assert.strictEqual(at, whole.length)
    if (whole.length <= limit) assert.strictEqual(missing, 0)
    // At most three bytes of a character that does not fit, at either end.
    assert.isAtMost(whole.length - missing, 2 * limit)
    if (missing > 0) assert.isAtLeast(whole.length - missing, 2 * limit - 6)
  })

  it.prop("T-31 pieces are whole characters and make up the text", [
    Schema.String,
    Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 9 }))
  ], ([raw, max]) => {
    const text = raw.toWellFormed()
    const pieces = TextCuts.piecesOf(text, max)
    assert.strictEqual(pieces.join(""), text)
    for (const piece of pieces) {
      assert.isTrue(piece.isWellFormed())
      assert.isAtMost(piece.length, max)
    }
  })
})
