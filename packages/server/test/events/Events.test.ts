import { assert, describe, it } from "@effect/vitest"
import { Wake } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { openEvents } from "../support/EventStream.ts"
import { startHome } from "../support/Scene.ts"

type Home = Effect.Success<ReturnType<typeof startHome>>

/** The events that a page receives; `closed` once the stream ends. */
const listen = Effect.fnUntraced(function*({ ana, home, muster }: Home) {
  const { next, response } = yield* openEvents(muster.url, home, { authorization: `Bearer ${ana.token}` })
  assert.strictEqual(response.headers.get("content-type"), "text/event-stream")
  assert.strictEqual(response.headers.get("cache-control"), "no-store")
  return next
})

/** Wakes cross the server's fibers in real time; the event itself waits for the test's clock. */
const afterHints = (work: Effect.Effect<unknown>) =>
  Effect.andThen(work, Effect.promise(() => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))))

describe("server-sent events", () => {
  it.effect("hello, then one `changed` for many wakes, nothing of other workspaces, `idle` after a silence", () =>
    Effect.gen(function*() {
      const scene = yield* startHome()
      const { codex, home, me, muster } = scene
      const next = yield* listen(scene)
      assert.strictEqual(yield* next, "hello")
      yield* afterHints(muster.wake.publish(Wake.topic.workspace(codex.id as never)))
      yield* TestClock.adjust("19 seconds")
      yield* afterHints(Effect.andThen(
        me.patch(`/api/runtimes/${codex.id}`, { name: "Box" }),
        Effect.forEach(Array.from({ length: 100 }), () => muster.wake.publish(Wake.topic.workspace(home)))
      ))
      yield* TestClock.adjust("150 millis")
      assert.strictEqual(yield* next, "changed")
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* next, "idle")
    }))

  it.effect("a runtime that beats again after a silence is a change; an online one is not", () =>
    Effect.gen(function*() {
      const scene = yield* startHome()
      const { codex, daemon, muster } = scene
      yield* Effect.orDie(muster.registry.markOffline([codex.id]))
      const next = yield* listen(scene)
      assert.strictEqual(yield* next, "hello")
      yield* afterHints(daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }))
      yield* TestClock.adjust("150 millis")
      assert.strictEqual(yield* next, "changed")
      yield* afterHints(daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }))
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* next, "idle")
    }))

  it.effect("a stream ends when the server is about to stop", () =>
    Effect.gen(function*() {
      const scene = yield* startHome()
      const next = yield* listen(scene)
      assert.strictEqual(yield* next, "hello")
      yield* scene.muster.draining.begin
      assert.strictEqual(yield* next, "closed")
      const refused = yield* scene.me.get("/api/events")
      assert.deepStrictEqual([refused.status, refused.json.code], [503, "stopping"])
    }))
})
