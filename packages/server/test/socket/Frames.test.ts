import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"

const unknown = "11111111-2222-4333-8444-555555555555"

/** Ignored frames: no ack, and the socket stays open. `{codex}` is a runtime of the socket. */
const ignored = [
  ["no JSON", "daemon:heartbeat"],
  ["half a JSON", "{\"type\":\"daemon:heart"],
  ["an empty frame", ""],
  ["a list", "[]"],
  ["null", "null"],
  ["no payload", "{\"type\":\"daemon:heartbeat\"}"],
  ["a payload that is a text", "{\"type\":\"daemon:heartbeat\",\"payload\":\"{codex}\"}"],
  ["no runtime id", "{\"type\":\"daemon:heartbeat\",\"payload\":{}}"],
  ["a blank runtime id", "{\"type\":\"daemon:heartbeat\",\"payload\":{\"runtime_id\":\"\"}}"],
  ["a runtime id that is a number", "{\"type\":\"daemon:heartbeat\",\"payload\":{\"runtime_id\":7}}"],
  ["a runtime that is not on this socket", `{"type":"daemon:heartbeat","payload":{"runtime_id":"${unknown}"}}`],
  ["an unknown type", "{\"type\":\"daemon:poem\",\"payload\":{\"runtime_id\":\"{codex}\"}}"],
  ["the server's own type", "{\"type\":\"daemon:heartbeat_ack\",\"payload\":{\"runtime_id\":\"{codex}\"}}"]
] as const

describe("the socket's frames", () => {
  it.effect.each(ignored)(
    "6.2 %s is ignored: no ack, and the next beat is answered",
    ([, frame]) =>
      Effect.gen(function*() {
        const { ana, codex, home, muster } = yield* startHome()
        const claude = yield* muster.runtime(home, { provider: "claude" })
        const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id},${claude.id}`, ana.token)
        yield* socket.send(frame.replace("{codex}", codex.id))
        yield* socket.beat(claude.id)
        assert.deepStrictEqual(yield* socket.next, ackOf(claude.id))
      })
  )

  it.effect("6.3 a runtime of the same workspace that is not on this socket gets no ack", () =>
    Effect.gen(function*() {
      const { ana, codex, home, muster } = yield* startHome()
      const claude = yield* muster.runtime(home, { provider: "claude" })
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      yield* socket.beat(claude.id)
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
    }))

  it.effect("6.1 acks and wakes repeat the id exactly", () =>
    Effect.gen(function*() {
      const { ana, codex, me, muster } = yield* startHome()
      const upper = codex.id.toUpperCase()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${upper}`, ana.token)
      yield* socket.beat(upper)
      assert.deepStrictEqual(yield* socket.next, ackOf(upper))
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      assert.deepStrictEqual(yield* socket.next, ackOf(upper, { pending_model_list: { id } }))
    }))

  it.effect("6.2 a binary frame is read like a text frame; extra members are ignored", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      const frame = { payload: { extra: 1, runtime_id: codex.id }, event_id: "e", type: "daemon:heartbeat" }
      yield* socket.send(new TextEncoder().encode(JSON.stringify(frame)))
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
    }))

  it.effect("6.3 a frame of 4,096 bytes is read, one byte more closes with 1009", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      const frame = JSON.stringify({ type: "daemon:heartbeat", payload: { runtime_id: codex.id } })
      yield* socket.send(frame.padEnd(4_096))
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
      yield* socket.send(frame.padEnd(4_097))
      assert.strictEqual(yield* socket.closed, 1009)
    }))

  it.effect("a large fleet that beats concurrently, as daemons do when they connect: every beat is acked, with its work", () =>
    Effect.gen(function*() {
      const { ana, home, muster, waitingRequest } = yield* startHome()
      const ids = yield* Effect.forEach(
        Array.from({ length: 200 }),
        (_, i) => Effect.map(muster.runtime(home, { daemon: `daemon-${i}` }), ({ id }) => id)
      )
      const acks = yield* Effect.forEach(
        ids,
        (id) => Effect.map(waitingRequest(id), (request) => ackOf(id, { pending_model_list: { id: request.id } }))
      )
      const socket = yield* openSocket(muster.url, `?runtime_ids=${ids.join(",")}`, ana.token)
      yield* Effect.forEach(ids, (id) => socket.beat(id))
      const frames = yield* Effect.forEach(ids, () => socket.next)
      assert.sameDeepMembers(frames, acks)
    }))

  it.effect("several sockets for one runtime: each is answered", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const first = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      const second = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      yield* first.beat(codex.id)
      yield* second.beat(codex.id)
      assert.deepStrictEqual([yield* first.next, yield* second.next], [ackOf(codex.id), ackOf(codex.id)])
    }))
})
