import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Pacing from "../../src/pacing/Pacing.ts"
import * as PacingFields from "../../src/pacing/PacingFields.ts"
import { defaultIntervals, type LivenessIntervals, refuseIntervals } from "../../src/runtime/LivenessPolicy.ts"

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

const Load = Schema.Struct({ sockets: upTo(20_000), runtimes: upTo(60_000), delay: upTo(1_000) })

/** Valid intervals with any parts. */
const Parts = Schema.Struct({
  beat: upTo(60_000),
  flushAge: upTo(100_000),
  flushEvery: upTo(60_000),
  slack: upTo(200_000)
})
const sound = ({ beat, flushAge, flushEvery, slack }: typeof Parts.Type): LivenessIntervals => {
  const offlineAfter = flushAge + flushEvery + 2 * beat + slack + 9
  return {
    ...defaultIntervals,
    beat: beat + 1,
    flushAge: flushAge + 1,
    flushEvery: flushEvery + 1,
    ttl: offlineAfter - 1,
    offlineAfter
  }
}

const both = (
  a: Pacing.ServerLoad,
  b: Pacing.ServerLoad,
  pick: (x: number, y: number) => number
): Pacing.ServerLoad => ({
  sockets: pick(a.sockets, b.sockets),
  runtimes: pick(a.runtimes, b.runtimes),
  delay: pick(a.delay, b.delay)
})

describe("pacing", () => {
  it("an unloaded replica changes nothing; a large or overloaded one widens both, within their bounds", () => {
    const at = (sockets: number, runtimes: number, delay: number) =>
      Pacing.forLoad({ sockets, runtimes, delay }, defaultIntervals)
    assert.deepStrictEqual(at(0, 0, 0), { beat: 15_000, window: 1_000 })
    assert.deepStrictEqual(at(100, 15_000, 50), { beat: 15_000, window: 1_000 })
    assert.deepStrictEqual(at(2_000, 4_000, 0), { beat: 15_000, window: 20_000 })
    assert.deepStrictEqual(at(2_000, 20_000, 0), { beat: 20_000, window: 20_000 })
    assert.deepStrictEqual(at(2_000, 4_000, 150), { beat: 23_000, window: 30_000 })
    assert.deepStrictEqual(at(20_000, 90_000, 9_000), { beat: 30_000, window: 60_000 })
    assert.deepStrictEqual(PacingFields.write(at(0, 0, 0), defaultIntervals), {})
    assert.deepStrictEqual(PacingFields.write(at(2_000, 20_000, 0), defaultIntervals), {
      next_beat_ms: 20_000,
      reconnect_window_ms: 20_000
    })
  })

  it.prop("pacing is bounded and monotone in every part of the load", [Load, Load], ([a, b]) => {
    const less = Pacing.forLoad(both(a, b, Math.min), defaultIntervals)
    const more = Pacing.forLoad(both(a, b, Math.max), defaultIntervals)
    return less.beat <= more.beat && less.window <= more.window &&
      less.beat >= defaultIntervals.beat && more.beat <= 30_000 &&
      less.window >= Pacing.leastWindow && more.window <= Pacing.mostWindow
  })

  it.prop("invariant 6: the widest interval of any valid policy keeps a healthy runtime online", [Load, Parts], (
    [load, parts]
  ) => {
    const intervals = sound(parts)
    assert.deepStrictEqual(refuseIntervals(intervals), [])
    const { beat } = Pacing.forLoad(load, intervals)
    return beat <= Pacing.widestBeat(intervals) && refuseIntervals({ ...intervals, beat }).length === 0
  })

  it("a daemon bounds the pacing it gets; invalid and absent values change nothing", () => {
    const nothing = { beat: null, window: null, serverTime: null }
    for (const junk of [undefined, null, "20000", -1, 0, Number.NaN, Infinity, {}, [20_000], true]) {
      const fields = { next_beat_ms: junk, reconnect_window_ms: junk, server_time_ms: junk } as never
      assert.deepStrictEqual(PacingFields.read(fields), nothing)
    }
    assert.deepStrictEqual(PacingFields.read({ status: "ok" }), nothing)
    assert.deepStrictEqual(PacingFields.read({ next_beat_ms: 1, reconnect_window_ms: 0.5 }), {
      ...nothing,
      beat: PacingFields.toldBeat.least,
      window: Pacing.leastWindow
    })
    assert.deepStrictEqual(PacingFields.read({ next_beat_ms: 1e12, reconnect_window_ms: 1e12, server_time_ms: 7 }), {
      beat: PacingFields.toldBeat.max,
      window: Pacing.mostWindow,
      serverTime: 7
    })
  })
})
