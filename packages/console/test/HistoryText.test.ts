import { assert, describe, it } from "@effect/vitest"
import { historyText } from "../src/runtime/HistoryText.ts"

const time = (at: number) => new Date(at).toISOString().slice(11, 16)

/** A history of these parts, from 02:00 on. */
const of = (uptime: number | null, ...ups: ReadonlyArray<number>) => ({
  bucketSeconds: 600,
  uptime,
  buckets: ups.map((up, n) => ({ at: (12 + n) * 600_000, beats: up * 40, up, maxMs: 1 }))
})

describe("the text of a history", () => {
  it("A-11 names the uptime, rounded down, and the newest periods without a heartbeat", () => {
    assert.strictEqual(historyText(of(1, 1, 1), time), "Online 100 % of the last 24 h.")
    assert.strictEqual(historyText(of(0.999, 1, 0.9), time), "Online 99 % of the last 24 h.")
    assert.strictEqual(
      historyText(of(0.97, 1, 0, 0, 0, 1), time),
      "Online 97 % of the last 24 h. No heartbeat from 02:10 to 02:40."
    )
    assert.strictEqual(
      historyText(of(0.5, 0, 1, 0, 0.5, 0, 1, 0, 1, 0), time),
      "Online 50 % of the last 24 h. No heartbeat from 03:20 to 03:30, 03:00 to 03:10, 02:40 to 02:50, and 2 times before."
    )
    assert.strictEqual(historyText(of(null), time), "Registered less than two minutes ago.")
  })
})
