import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { edgeLine, layoutOf, type Line, nextLine, placeOf, visibleIn } from "../src/fleet/FleetLayout.ts"

const sizes = { head: 40, row: 58, gap: 12 }

const group = (key: string, total: number) => ({ key, name: key, total, online: total, trouble: 0 })

const totals = Arbitrary.array(Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))), {
  minLength: 1,
  maxLength: 12
})

/** All lines from the first one down. */
const walk = (layout: ReturnType<typeof layoutOf>, from: Line | undefined, by: 1 | -1): ReadonlyArray<Line> => {
  const lines: Array<Line> = []
  for (let line = from; line !== undefined; line = nextLine(layout, line, by)) lines.push(line)
  return lines
}

describe("the layout of the fleet", () => {
  it("A-12 groups follow each other without overlap; a folded one shows its head only", () => {
    const { groups, height } = layoutOf([group("a", 2), group("b", 3), group("c", 1)], new Set(["b"]), sizes)
    assert.deepStrictEqual(groups.map(({ first, height, top }) => [first, top, height]), [
      [0, 0, 40 + 2 * 58 + 2],
      [2, 170, 40],
      [5, 222, 40 + 58 + 2]
    ])
    assert.strictEqual(height, 322)
    assert.strictEqual(layoutOf([], new Set(), sizes).height, 0)
  })

  it("A-12 of 5,000 runtimes only those in view are drawn, at their places", () => {
    const layout = layoutOf(Array.from({ length: 1_250 }, (_, i) => group(String(i), 4)), new Set(), sizes)
    const seen = visibleIn(layout, 100_000, 101_000)
    assert.isAtMost(seen.reduce((rows, { end, start }) => rows + end - start, 0), 20)
    for (const { group, start } of seen.slice(1)) {
      assert.strictEqual(start, 0)
      assert.isAtLeast(group.top, 100_000 - group.height)
    }
    assert.deepStrictEqual(visibleIn(layout, 0, 50).map(({ end, group, start }) => [group.key, start, end]), [[
      "0",
      0,
      1
    ]])
    const flat = layoutOf([group("", 5_000)], new Set(), { ...sizes, head: 0 })
    assert.deepStrictEqual(visibleIn(flat, 58_000, 58_580).map(({ end, start }) => [start, end]), [[1_000, 1_010]])
  })

  it.prop("A-12 the keyboard reaches each line once, down and up, whatever is folded", {
    totals,
    every: Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })))
  }, ({ every, totals }) => {
    const groups = totals.map((total, i) => group(String(i), total))
    const folded = new Set(groups.filter((_, i) => i % every === 0).map(({ key }) => key))
    const layout = layoutOf(groups, folded, sizes)
    const down = walk(layout, edgeLine(layout, "first"), 1)
    const rows = groups.filter(({ key }) => !folded.has(key)).reduce((sum, { total }) => sum + total, 0)
    assert.strictEqual(down.length, groups.length + rows)
    assert.deepStrictEqual(walk(layout, edgeLine(layout, "last"), -1), down.toReversed())
    const tops = down.map((line) => placeOf(layout, line).top)
    assert.deepStrictEqual(tops, tops.toSorted((a, b) => a - b))
  })
})
