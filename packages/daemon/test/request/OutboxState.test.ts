import { assert, describe, it } from "@effect/vitest"
import { Kinds, Request, Runtime } from "@muster/domain"
import { Deferred, Schema } from "effect"
import {
  admitReport,
  emptyOutbox,
  expendable,
  type HeldReport,
  markStored,
  outboxBounds,
  type OutboxState,
  withoutReport
} from "../../src/request/OutboxState.ts"
import { isForgotten } from "../../src/request/StoredReport.ts"

const runtimeId = Runtime.RuntimeId.make("bbbbbbbb-0000-4000-8000-000000000001")
const requestId = (n: number) => Request.RequestId.make(n.toString(16).padStart(32, "0"))
const mebibyte = 1024 * 1024

const reportOf = (n: number, bytes: number, finishedAt: number): HeldReport => ({
  report: {
    kind: n % 2 === 0 ? Kinds.ModelList : Kinds.LocalSkillImport,
    runtimeId,
    requestId: requestId(n),
    outcome: { _tag: "Failed", error: "no" }
  },
  finishedAt,
  bytes,
  stored: false,
  tried: Deferred.makeUnsafe(),
  attempted: Deferred.makeUnsafe()
})

const within = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** A report is posted, stored, or sent; seconds pass before each. */
const Step = Schema.Struct({
  seconds: within(0, 120),
  act: Schema.Literals(["post", "post", "store", "send"]),
  id: within(0, 30),
  mebibytes: within(1, 12)
})

const sum = (all: ReadonlyArray<HeldReport>) => all.reduce((total, { bytes }) => total + bytes, 0)

describe("the state of an outbox", () => {
  it.prop(
    "D-17 holds each report once, in order and within its bounds; only an expired one that is the oldest makes room",
    [Schema.Array(Step)],
    ([steps]) => {
      let state: OutboxState = emptyOutbox
      let model: Array<HeldReport> = []
      let now = 0
      for (const { act, id, mebibytes, seconds } of steps) {
        now += seconds * 1_000
        const one = reportOf(id, mebibytes * mebibyte, now)
        const known = model.some(({ report }) => report.requestId === one.report.requestId)
        if (act === "send") {
          state = withoutReport(state, one.report.requestId)
          model = model.filter(({ report }) => report.requestId !== one.report.requestId)
        } else if (act === "store") {
          state = markStored(state, one.report.requestId)
          model = model.map((held) => held.report.requestId === one.report.requestId ? { ...held, stored: true } : held)
        } else {
          for (
            let old = expendable(state, one.bytes, now);
            old !== undefined;
            old = expendable(state, one.bytes, now)
          ) {
            assert.isAbove(sum(model) + one.bytes, outboxBounds.bytes)
            assert.deepStrictEqual(old, model[0])
            assert.isTrue(isForgotten(old, now))
            state = withoutReport(state, old.report.requestId)
            model = model.slice(1)
          }
          const [verdict, next] = admitReport(state, one)
          const fits = sum(model) + one.bytes <= outboxBounds.bytes
          const still = known && model.some(({ report }) => report.requestId === one.report.requestId)
          assert.strictEqual(verdict, still ? "known" : fits ? "held" : "full")
          if (verdict === "held") model.push(one)
          else assert.strictEqual(next, state)
          state = next
        }
        assert.deepStrictEqual([...state.held.values()], model)
        assert.strictEqual(state.bytes, sum(model))
      }
      return true
    }
  )
})
