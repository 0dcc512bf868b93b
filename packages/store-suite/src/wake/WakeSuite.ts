import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, Request, Runtime, Uuid, Wake } from "@muster/domain"
import { Effect, Exit, Queue, Scope } from "effect"
import type { WakeBackend, WakeNode } from "./WakeBackend.ts"

const runtimeTopic = Effect.map(Uuid.random, (id) => Wake.topic.runtime(Runtime.RuntimeId.make(id)))
const requestTopic = Effect.map(Request.randomId, Wake.topic.request)
const workspaceTopic = Effect.map(Uuid.random, (id) => Wake.topic.workspace(Identity.WorkspaceId.make(id)))

/** How many hints a flood has more than a subscriber holds. */
const excess = 100

/** Hints travel in order, so when a second listener has the last one, the first has all that it ever gets. */
const floodUntilSeen = Effect.fnUntraced(function*(from: WakeNode, to: WakeNode, flood: ReadonlyArray<Wake.Topic>) {
  const last = yield* requestTopic
  const witness = yield* to.subscribe([last])
  yield* Effect.forEach(flood, from.publish, { discard: true })
  yield* from.publish(last)
  strictEqual(yield* Queue.take(witness), last)
})

/** Registers what every Wake does: hints reach who listens on any node, and nobody else, within a bound. */
export const wakeSuite = (backend: WakeBackend): void => {
  describe(`wake · ${backend.name}`, () => {
    it.effect("a hint reaches a listener on the other node and on the same one", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        for (const hint of [yield* runtimeTopic, yield* requestTopic, yield* workspaceTopic]) {
          const here = yield* a.subscribe([hint])
          const there = yield* b.subscribe([hint])
          yield* a.publish(hint)
          strictEqual(yield* Queue.take(here), hint)
          strictEqual(yield* Queue.take(there), hint)
        }
      }))

    it.effect("every listener to a topic gets its hint", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        const hint = yield* runtimeTopic
        const queues = yield* Effect.forEach([a, a, b, b], (node) => node.subscribe([hint]))
        yield* b.publish(hint)
        deepStrictEqual(yield* Effect.forEach(queues, Queue.take), [hint, hint, hint, hint])
      }))

    it.effect("a listener gets hints about its own topics only, in their order", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        const first = yield* runtimeTopic
        const other = yield* runtimeTopic
        const second = yield* requestTopic
        const queue = yield* b.subscribe([first, second])
        const foreign = yield* b.subscribe([other])
        yield* Effect.forEach([other, first, other, second], a.publish)
        deepStrictEqual([yield* Queue.take(queue), yield* Queue.take(queue)], [first, second])
        strictEqual(yield* Queue.size(queue), 0)
        strictEqual(yield* Queue.take(foreign), other)
      }))

    it.effect("a topic named twice is one subscription", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        const hint = yield* runtimeTopic
        const queue = yield* b.subscribe([hint, hint])
        yield* floodUntilSeen(a, b, [hint])
        deepStrictEqual(yield* Queue.takeAll(queue), [hint])
      }))

    it.effect("hints from before the subscription are not for it", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        const hint = yield* runtimeTopic
        yield* floodUntilSeen(a, b, [hint])
        const queue = yield* b.subscribe([hint])
        yield* floodUntilSeen(a, b, [])
        strictEqual(yield* Queue.size(queue), 0)
      }))

    it.effect("under a flood a listener keeps the latest hints, as many as the bound allows", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        const flood = yield* Effect.forEach(Array.from({ length: Wake.capacity + excess }), () => runtimeTopic)
        const queue = yield* b.subscribe(flood)
        yield* floodUntilSeen(a, b, flood)
        const kept = yield* Queue.takeAll(queue)
        strictEqual(kept.length, Wake.capacity)
        deepStrictEqual([...kept], flood.slice(excess))
      }))

    it.effect("a flood on one topic leaves another listener's hints alone", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        const loud = yield* runtimeTopic
        const quiet = yield* runtimeTopic
        yield* b.subscribe([loud])
        const queue = yield* b.subscribe([quiet])
        yield* a.publish(quiet)
        yield* floodUntilSeen(a, b, Array.from({ length: Wake.capacity + excess }, () => loud))
        strictEqual(yield* Queue.take(queue), quiet)
      }))

    it.effect("the scope's end unsubscribes, and leaves other listeners to the topic alone", () =>
      Effect.gen(function*() {
        const { a, b, topics } = yield* backend.nodes
        const hint = yield* runtimeTopic
        const before = yield* topics
        const scope = yield* Scope.make()
        const queue = yield* Scope.provide(b.subscribe([hint, yield* requestTopic]), scope)
        strictEqual(yield* topics, before + 2)
        const staying = yield* b.subscribe([hint])
        strictEqual(yield* topics, before + 2)
        yield* Scope.close(scope, Exit.void)
        strictEqual(yield* topics, before + 1)
        yield* a.publish(hint)
        strictEqual(yield* Queue.take(staying), hint)
        strictEqual(yield* Queue.size(queue), 0)
        assertTrue(Exit.isFailure(yield* Effect.exit(Queue.take(queue))))
      }))

    it.effect("a hint that nobody listens to costs nothing and does not fail", () =>
      Effect.gen(function*() {
        const { a, b, topics } = yield* backend.nodes
        const before = yield* topics
        const flood = yield* Effect.forEach(Array.from({ length: 2_000 }), () => runtimeTopic)
        yield* Effect.forEach(flood, (hint, i) => (i % 2 === 0 ? a : b).publish(hint))
        strictEqual(yield* topics, before)
      }))

    it.effect("with the backend down neither a hint nor a subscription fails", () =>
      Effect.gen(function*() {
        const { a, b, outage = Effect.void } = yield* backend.nodes
        const hint = yield* runtimeTopic
        yield* outage
        yield* a.publish(hint)
        const queue = yield* b.subscribe([hint])
        strictEqual(yield* Queue.size(queue), 0)
      }))
  })
}
