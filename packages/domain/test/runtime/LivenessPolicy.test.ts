import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { LivenessPolicy } from "@muster/domain"
import { Schema } from "effect"

const Ms = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 }))
const Intervals = Schema.Struct({
  beat: Ms,
  flushAge: Ms,
  flushEvery: Ms,
  ttl: Ms,
  offlineAfter: Ms,
  sweepEvery: Ms,
  expireAfter: Ms
})

/** The oldest `lastSeenAt` that a runtime may show while it beats all the time. */
const oldest = ({ beat, flushAge, flushEvery }: LivenessPolicy.LivenessIntervals) => flushAge + beat + flushEvery

/** The largest value of each interval that is valid with the default ones, and the smallest that is not. */
const edges: ReadonlyArray<readonly [keyof LivenessPolicy.LivenessIntervals, number, number]> = [
  ["flushAge", 104_999, 105_000],
  ["flushEvery", 74_999, 75_000],
  ["ttl", 149_999, 150_000],
  ["ttl", 15_001, 15_000],
  ["beat", 59_999, 60_000],
  ["expireAfter", 150_001, 150_000],
  ["offlineAfter", 105_001, 105_000]
]

describe("LivenessPolicy", () => {
  it("the defaults are valid", () => {
    deepStrictEqual(LivenessPolicy.refuseIntervals(LivenessPolicy.defaultIntervals), [])
  })

  it.each(edges)("%s may be %i ms but not %i ms", (name, good, bad) => {
    deepStrictEqual(LivenessPolicy.refuseIntervals({ ...LivenessPolicy.defaultIntervals, [name]: good }), [])
    const sentences = LivenessPolicy.refuseIntervals({ ...LivenessPolicy.defaultIntervals, [name]: bad })
    strictEqual(sentences.length, 1)
    assert.include(sentences[0]!, name)
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("no interval may be %d ms", (value) => {
    for (const name of Object.keys(LivenessPolicy.defaultIntervals)) {
      assert.include(
        LivenessPolicy.refuseIntervals({ ...LivenessPolicy.defaultIntervals, [name]: value }).join("\n"),
        `${name} must be more than 0 ms, not ${value}`
      )
    }
  })

  it.prop(
    "an accepted policy never reports a living runtime as silent, nor a silent one as alive",
    [Intervals],
    ([intervals]) => {
      const { beat, expireAfter, offlineAfter, ttl } = intervals
      const isSound = oldest(intervals) < offlineAfter && ttl < offlineAfter && ttl > beat && expireAfter > offlineAfter
      strictEqual(LivenessPolicy.refuseIntervals(intervals).length === 0, isSound)
    },
    { arbitrary: { runs: 2_000 } }
  )
})
