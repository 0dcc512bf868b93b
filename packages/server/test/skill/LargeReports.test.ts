import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Queue } from "effect"
import { TestClock } from "effect/testing"
import { request as httpRequest } from "node:http"
import { startHome } from "../support/Scene.ts"

/** A report that declares a large size and never arrives. */
const stall = (url: string, path: string, token: string, size = 2 * 1024 * 1024) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const request = httpRequest(url + path, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-length": size }
      })
      request.on("error", () => {})
      request.write("{")
      return request
    }),
    (request) => Effect.sync(() => request.destroy())
  )

describe("large reports", () => {
  it.effect.each(
    [
      ["X-03 four large reports are read concurrently", [2, 2, 2, 2]],
      ["F-06 two of 30 MiB count as four", [30, 30]],
      ["F-06 one of 50 MiB counts as four", [50]]
    ] as const
  )("%s; one more waits 25 s at most, and a small one does not wait", ([, sizes]) =>
    Effect.gen(function*() {
      const looks = yield* Queue.unbounded<void>()
      const { ana, codex, daemon, me, muster } = yield* startHome({
        wraps: {
          requests: (real) => ({ get: (...args) => Effect.tap(real.get(...args), Queue.offer(looks, undefined)) })
        }
      })
      const ask = me.post(`/api/runtimes/${codex.id}/local-skills/import`, { skill_key: "a" })
      const reportOf = Effect.map(
        ask,
        ({ json }) => `/api/daemon/runtimes/${codex.id}/local-skills/import/${json.id}/result`
      )
      for (const size of sizes) {
        yield* stall(muster.url, yield* reportOf, ana.token, size * 1024 * 1024)
        yield* Queue.take(looks)
      }
      const large = yield* Effect.forkChild(
        daemon.post(yield* reportOf, { status: "failed", error: "x".repeat(1024 * 1024) }),
        { startImmediately: true }
      )
      yield* Queue.take(looks)
      assert.strictEqual((yield* daemon.post(yield* reportOf, { status: "failed", error: "no" })).status, 200)
      yield* TestClock.adjust(25_000)
      const answer = yield* Fiber.join(large)
      assert.deepStrictEqual([answer.status, answer.json.error], [500, "too many large reports at once"])
    }))
})
