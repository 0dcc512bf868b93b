import { assert, describe, it } from "@effect/vitest"
import { table } from "../src/output/Table.ts"
import { ago } from "../src/output/Text.ts"
import { printable } from "../src/output/Text.ts"

describe("output", () => {
  it.each([
    [null, "never"],
    [10_000, "just now"],
    [9_999_000, "just now"],
    [9_000, "1 s ago"],
    [-49_999, "59 s ago"],
    [-50_000, "1 min ago"],
    [-3_590_000, "1 h ago"],
    [-200_000_000, "2 d ago"]
  ])("a moment at %s ms, seen at 10 s, was %s", (moment, words) => {
    assert.strictEqual(ago(moment, 10_000), words)
  })

  it("aligns columns by terminal cells", () => {
    assert.strictEqual(
      table(["A", "B"], [["漢字", "x"], ["\u001B[1mab\u001B[0m", "y"]]),
      "A     B\n漢字  x\n\u001B[1mab\u001B[0m    y"
    )
  })

  it("keeps foreign text on one line and without terminal control", () => {
    assert.strictEqual(printable(" a\r\n\tb\u001B[31mc\u0007\u202Ed "), "a b [31mc d")
  })
})
