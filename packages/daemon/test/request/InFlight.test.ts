import { assert, describe, it } from "@effect/vitest"
import { Request, Runtime } from "@muster/domain"
import { HashMap, Schema } from "effect"
import {
  finishRequest,
  type InFlight,
  inFlightOf,
  maxPerRuntime,
  nothingInFlight,
  remembered,
  takeRequests
} from "../../src/request/InFlight.ts"

const runtimes = [1, 2].map((n) => Runtime.RuntimeId.make(`bbbbbbbb-0000-4000-8000-00000000000${n}`))
const requestId = (n: number) => Request.RequestId.make(n.toString(16).padStart(32, "0"))
const itemsOf = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ id: requestId(from + i) }))
const within = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const Step = Schema.Union([
  Schema.Struct({ runtime: within(0, 1), from: within(0, 1_500), count: within(0, 400), more: Schema.Boolean }),
  Schema.Struct({ runtime: within(0, 1), finish: within(1, 300) })
])

/** A daemon that keeps lists instead of counts. */
class Model {
  readonly seen = new Set<string>()
  readonly open = runtimes.map((): Array<string> => [])
  readonly more = runtimes.map(() => false)

  take(runtime: number, ids: ReadonlyArray<string>, more: boolean) {
    const open = this.open[runtime]!
    const fresh = ids.filter((id) => !this.seen.has(id))
    const taken = fresh.slice(0, maxPerRuntime - open.length)
    for (const id of taken) this.seen.add(id)
    open.push(...taken)
    if (more && open.length > 0) this.more[runtime] = true
    return { taken, left: fresh.length - taken.length }
  }

  finish(runtime: number) {
    const open = this.open[runtime]!
    open.pop()
    const fetch = this.more[runtime]! && open.length <= 4
    if (fetch || open.length === 0) this.more[runtime] = false
    return fetch
  }
}

describe("the requests in flight", () => {
  it.prop(
    "D-19 R-18 each id is taken once, 512 of a runtime at most; a full delivery fetches more once few are left",
    [Schema.Array(Step)],
    ([steps]) => {
      const model = new Model()
      let state: InFlight = nothingInFlight
      for (const step of steps) {
        const runtime = runtimes[step.runtime]!
        if ("from" in step) {
          const items = itemsOf(step.from, step.count)
          const [result, next] = takeRequests(state, runtime, { items, more: step.more })
          const expected = model.take(step.runtime, items.map(({ id }) => id), step.more)
          assert.deepStrictEqual({ ...result, taken: result.taken.map(({ id }) => id as string) }, expected)
          state = next
        } else {
          for (let n = Math.min(step.finish, model.open[step.runtime]!.length); n > 0; n--) {
            const [fetch, next] = finishRequest(state, runtime)
            assert.strictEqual(fetch, model.finish(step.runtime))
            state = next
          }
        }
        for (const [n, one] of runtimes.entries()) {
          assert.strictEqual(inFlightOf(state, one), model.open[n]!.length)
          assert.strictEqual(HashMap.has(state.loads, one), model.open[n]!.length > 0, "idle runtimes are forgotten")
        }
      }
      return true
    }
  )

  it("D-19 remembers at least the latest 4,096 ids, and at most twice as many", () => {
    const runtime = runtimes[0]!
    const takes = (state: InFlight, n: number) => takeRequests(state, runtime, { items: itemsOf(n, 1), more: false })
    let state: InFlight = nothingInFlight
    for (let n = 0; n < 3 * remembered; n++) {
      const [{ taken }, next] = takes(state, n)
      assert.strictEqual(taken.length, 1)
      state = finishRequest(next, runtime)[1]
      if (n >= remembered) assert.strictEqual(takes(state, n - remembered + 1)[0].taken.length, 0)
    }
    assert.strictEqual(takes(state, remembered - 1)[0].taken.length, 1)
  })
})
