import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Request, Wake } from "@muster/domain"
import { PgliteClient, WakePostgres } from "@muster/store-postgres"
import { wakeNode } from "@muster/store-suite"
import { Effect, Layer, Queue } from "effect"
import { payloadsOf, readPayload } from "../../src/wake/Notification.ts"
import { pgliteInMemory } from "../PgliteBackend.ts"

const someTopics = (count: number) =>
  Effect.forEach(Array.from({ length: count }), () => Effect.map(Request.randomId, Wake.topic.request))

describe("a node's own wakes", () => {
  it.effect("wake its subscribers once, and not again when they arrive from the database", () =>
    Effect.gen(function*() {
      const node = wakeNode(Layer.provide(WakePostgres.layer, PgliteClient.layerOn(yield* pgliteInMemory)))
      const [a, b] = [yield* node, yield* node]
      const [topic, answer] = yield* someTopics(2)
      const own = yield* a.subscribe([topic!])
      const other = yield* b.subscribe([topic!])
      const answers = yield* a.subscribe([answer!])
      yield* a.publish(topic!)
      yield* Queue.take(other)
      // b's next wake reaches a after a's own wake.
      yield* b.publish(answer!)
      yield* Queue.take(answers)
      strictEqual(yield* Queue.size(own), 1)
    }))
})

describe("a flood of wakes", () => {
  it.effect("costs a few notifications, and wakes this node's own subscribers first", () =>
    Effect.gen(function*() {
      const session = yield* pgliteInMemory
      let batches = 0
      const client = PgliteClient.layerOn({
        execProtocolRaw: (message) => {
          batches++
          return session.execProtocolRaw(message)
        }
      })
      const node = wakeNode(Layer.provide(WakePostgres.layer, client))
      const [a, b] = [yield* node, yield* node]
      const topics = yield* someTopics(1_000)
      const last = topics[999]!
      const here = yield* a.subscribe([last])
      const there = yield* b.subscribe([last])
      const before = batches
      yield* Effect.forEach(topics, a.publish, { discard: true })
      strictEqual(yield* Queue.size(here), 1)
      strictEqual(batches, before)
      strictEqual(yield* Queue.take(there), last)
      assertTrue(batches - before <= 3)
    }))

  it.effect("is cut into payloads that PostgreSQL accepts, without losses", () =>
    Effect.gen(function*() {
      const topics = yield* someTopics(1_000)
      const payloads = payloadsOf("sender", topics)
      for (const payload of payloads) assertTrue(payload.length < 8_000)
      deepStrictEqual(payloads.flatMap((payload) => readPayload(payload).topics), topics)
      deepStrictEqual(payloadsOf("sender", [`request:${"x".repeat(8_000)}`]), ["sender"])
      deepStrictEqual(readPayload("sender"), { sender: "sender", topics: [] })
    }))
})
