import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { GrowingBytes } from "../src/index.ts"

const Size = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 64 }))
const Step = Schema.Struct({ added: Size, dropped: Size })

describe("GrowingBytes", () => {
  it.prop("F-04 contains what was added without what was dropped; a view keeps its content", {
    steps: Arbitrary.array(Arbitrary.schema(Step), { maxLength: 20 })
  }, ({ steps }) => {
    const bytes = new GrowingBytes()
    let model: Array<number> = []
    let next = 0
    for (const { added, dropped } of steps) {
      const before = bytes.view
      const kept = [...before]
      const chunk = Uint8Array.from({ length: added }, () => next++ % 256)
      bytes.append(chunk)
      model.push(...chunk)
      const count = Math.min(dropped, model.length)
      bytes.drop(count)
      model = model.slice(count)
      assert.deepStrictEqual([...bytes.view], model)
      assert.strictEqual(bytes.length, model.length)
      assert.deepStrictEqual([...before], kept)
    }
  })
})
