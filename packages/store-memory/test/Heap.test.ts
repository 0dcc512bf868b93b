import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary, Schema } from "effect"
import { Heap } from "../src/request/Heap.ts"

interface Item {
  readonly name: number
  rank: number
}

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const Step = Schema.Struct({ name: upTo(9), rank: upTo(20), what: Schema.Literals(["put", "put", "delete"]) })
const steps = Arbitrary.array(Arbitrary.schema(Step), { maxLength: 60 })

describe("Heap", () => {
  it.prop("the first item is the lowest after any puts, moves and removals", [steps], ([steps]) => {
    const heap = new Heap<Item>((a, b) => a.rank < b.rank)
    const items = Array.from({ length: 10 }, (_, name): Item => ({ name, rank: 0 }))
    const held = new Set<Item>()
    for (const { name, rank, what } of steps) {
      const item = items[name]!
      if (what === "delete") {
        heap.delete(item)
        held.delete(item)
      } else {
        item.rank = rank
        heap.put(item)
        held.add(item)
      }
      strictEqual(heap.size, held.size)
      strictEqual(heap.first()?.rank, held.size === 0 ? undefined : Math.min(...[...held].map(({ rank }) => rank)))
    }
    const drained: Array<Item> = []
    for (let first = heap.first(); first !== undefined; first = heap.first()) {
      drained.push(first)
      heap.delete(first)
    }
    deepStrictEqual(drained.map(({ rank }) => rank), [...held].map(({ rank }) => rank).toSorted((a, b) => a - b))
    deepStrictEqual(new Set(drained), held)
  }, { arbitrary: { runs: 500, size: 60 } })
})
