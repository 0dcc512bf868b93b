import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type Condition, finish, type Line, look, occur } from "../src/Condition.ts"

const minute = 60_000

const Step = Schema.Struct({
  act: Schema.Literals(["occur", "occur", "occur", "finish"]),
  seconds: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 })),
  explained: Schema.Boolean
})

describe("the steps of a condition", () => {
  it.prop(
    "invariant 10 lines about its presence are 10 min apart; a logged end follows a logged beginning",
    [Schema.Array(Step)],
    ([steps]) => {
      let condition: Condition | undefined
      let now = 0
      const lines: Array<{ readonly at: number; readonly line: Line }> = []
      const write = (line: Line | undefined) => {
        if (line !== undefined) lines.push({ at: now, line })
      }
      for (const { act, explained, seconds } of steps) {
        for (const until = now + seconds * 1_000; now < until;) {
          now = Math.min(until, now + minute)
          if (condition === undefined) continue
          const [line, after] = look(condition, now)
          write(line)
          condition = after
        }
        if (act === "occur") {
          const [line, after] = occur(condition, now, "it fails", {}, explained)
          write(line)
          condition = after
        } else if (condition !== undefined) {
          const [line, after] = finish(condition, now, "it works")
          write(line)
          condition = after
        }
      }
      let announced = false
      for (const { line } of lines) {
        const isEnd = line.text.startsWith("it works")
        assert.isTrue(!isEnd || announced)
        announced = !isEnd
      }
      const begun = lines.filter(({ line }) => line.text.startsWith("it fails")).map(({ at }) => at)
      return begun.every((at, n) => n === 0 || at - begun[n - 1]! >= 10 * minute)
    }
  )
})
