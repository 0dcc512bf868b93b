import { assert, describe, it } from "@effect/vitest"
import { PlainText } from "@muster/domain"
import { Schema } from "effect"

const odd = [
  ..."\u0000\u0007\u001b\u007f\u0085\u009b\u061c\u200e\u200f\u2028",
  ..."\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
]

describe("names", () => {
  it("F-31 control and direction characters are found and removed", () => {
    for (const one of odd) {
      assert.isFalse(PlainText.isPlainText(`a${one}b`), JSON.stringify(one))
      assert.strictEqual(PlainText.plainText(`a${one}b`, 10), "ab", JSON.stringify(one))
    }
    assert.strictEqual(PlainText.plainText("  my\r\n\tbox \n", 10), "my box")
  })

  it("F-31 names in every script do not change", () => {
    for (const name of ["Ana's box", "日本語", "שלום", "مرحبا", "👩‍💻", "e\u0301"]) {
      assert.isTrue(PlainText.isPlainText(name), name)
      assert.strictEqual(PlainText.plainText(name, 256), name)
    }
  })

  it.prop(
    "F-26 a daemon's text becomes plain text within its bound",
    [
      Schema.String,
      Schema.Array(Schema.Literals([...odd, "👍", "a", " "])),
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 }))
    ],
    ([text, more, max]) => {
      const plain = PlainText.plainText(text.toWellFormed() + more.join(""), max)
      assert.isTrue(PlainText.isPlainText(plain) && plain.length <= max && plain.isWellFormed())
    }
  )

  it("F-26 a cut never splits a character", () => {
    assert.strictEqual(PlainText.cut("a👍b", 2), "a")
    assert.strictEqual(PlainText.cut("a👍b", 3), "a👍")
  })
})
