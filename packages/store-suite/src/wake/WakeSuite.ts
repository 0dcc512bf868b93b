import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, Request, Runtime, Uuid, Wake } from "@muster/domain"
import { Effect, Exit, Queue, Scope } from "effect"
import type { WakeBackend, WakeNode } from "./WakeBackend.ts"

const runtimeTopic = Effect.map(Uuid.random, (id) => Wake.topic.runtime(Runtime.RuntimeId.make(id)))
const requestTopic = Effect.map(Request.randomId, Wake.topic.request)
const workspaceTopic = Effect.map(Uuid.random, (id) => Wake.topic.workspace(Identity.WorkspaceId.make(id)))

/** How many more wakes than a subscriber's bound a flood has. */
const excess = 100

/** Wakes arrive in order, so when a second subscriber has the last one, the first has all that it will get. */
const floodUntilSeen = Effect.fnUntraced(function*(from: WakeNode, to: WakeNode, flood: ReadonlyArray<Wake.Topic>) {
  const last = yield* requestTopic
  const witness = yield* to.subscribe([last])
  yield* Effect.forEach(flood, from.publish, { discard: true })
  yield* from.publish(last)
  strictEqual(yield* Queue.take(witness), last)
})

/** Registers what every Wake does: wakes reach the subscribers of any node, and no others, within a bound. */
export const wakeSuite = (backend: WakeBackend): void => {
  describe(`wake · ${backend.name}`, () => {
    it.effect("a wake reaches a subscriber on the other node and on the same one", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        for (const topic of [yield* runtimeTopic, yield* requestTopic, yield* workspaceTopic]) {
          const here = yield* a.subscribe([topic])
          const there = yield* b.subscribe([topic])
          yield* a.publish(topic)
          strictEqual(yield* Queue.take(here), topic)
          strictEqual(yield* Queue.take(there), topic)
        }
      }))

    it.effect("every subscriber of a topic gets its wake", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        const topic = yield* runtimeTopic
        const queues = yield* Effect.forEach([a, a, b, b], (node) => node.subscribe([topic]))
        yield* b.publish(topic)
        deepStrictEqual(yield* Effect.forEach(queues, Queue.take), [topic, topic, topic, topic])
      }))

    it.effect("a subscriber gets wakes of its own topics only, in order", () =>
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
        const topic = yield* runtimeTopic
        const queue = yield* b.subscribe([topic, topic])
        yield* floodUntilSeen(a, b, [topic])
        deepStrictEqual(yield* Queue.takeAll(queue), [topic])
      }))

    it.effect("a subscription does not get earlier wakes", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        const topic = yield* runtimeTopic
        yield* floodUntilSeen(a, b, [topic])
        const queue = yield* b.subscribe([topic])
        yield* floodUntilSeen(a, b, [])
        strictEqual(yield* Queue.size(queue), 0)
      }))

    it.effect("in a flood a subscriber keeps the latest wakes, up to the bound", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        const flood = yield* Effect.forEach(Array.from({ length: Wake.capacity + excess }), () => runtimeTopic)
        const queue = yield* b.subscribe(flood)
        yield* floodUntilSeen(a, b, flood)
        const kept = yield* Queue.takeAll(queue)
        strictEqual(kept.length, Wake.capacity)
        deepStrictEqual([...kept], flood.slice(excess))
      }))

    it.effect("a flood on one topic does not affect another subscriber's wakes", () =>
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

    it.effect("the scope's end unsubscribes, and keeps other subscribers of the topic", () =>
      Effect.gen(function*() {
        const { a, b, topics } = yield* backend.nodes
        const topic = yield* runtimeTopic
        const before = yield* topics
        const scope = yield* Scope.make()
        const queue = yield* Scope.provide(b.subscribe([topic, yield* requestTopic]), scope)
        strictEqual(yield* topics, before + 2)
        const staying = yield* b.subscribe([topic])
        strictEqual(yield* topics, before + 2)
        yield* Scope.close(scope, Exit.void)
        strictEqual(yield* topics, before + 1)
        yield* a.publish(topic)
        strictEqual(yield* Queue.take(staying), topic)
        strictEqual(yield* Queue.size(queue), 0)
        assertTrue(Exit.isFailure(yield* Effect.exit(Queue.take(queue))))
      }))

    it.effect("a wake without subscribers costs nothing and does not fail", () =>
      Effect.gen(function*() {
        const { a, b, topics } = yield* backend.nodes
        const before = yield* topics
        const flood = yield* Effect.forEach(Array.from({ length: 2_000 }), () => runtimeTopic)
        yield* Effect.forEach(flood, (topic, i) => (i % 2 === 0 ? a : b).publish(topic))
        strictEqual(yield* topics, before)
      }))

    it.effect("with the backend down neither a wake nor a subscription fails", () =>
      Effect.gen(function*() {
        const { a, b, outage = Effect.void } = yield* backend.nodes
        const topic = yield* runtimeTopic
        yield* outage
        yield* a.publish(topic)
        const queue = yield* b.subscribe([topic])
        strictEqual(yield* Queue.size(queue), 0)
      }))
  })
}
