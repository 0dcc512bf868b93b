import { assert, describe, it } from "@effect/vitest"
import { DaemonSocket } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { settle } from "../support/settle.ts"
import { withSocket } from "./withSocket.ts"

describe("wakes over the socket", () => {
  it.effect("F-18 daemon:pending_work makes its runtime beat at once, once a second at most; task_available changes nothing", () =>
    withSocket(({ dial, have }) =>
      Effect.gen(function*() {
        const [codex, claude] = yield* have("codex", "claude")
        const connection = yield* dial.opened
        yield* settle
        connection.sent.length = 0
        const hint = (type: string, runtime_id: unknown, more: object = {}) =>
          connection.say(JSON.stringify({ type: `daemon:${type}`, payload: { runtime_id, ...more }, event_id: "e" }))

        hint("pending_work", codex, { kind: "model_list" })
        hint("task_available", claude, { task_id: "t" })
        hint("task_available", claude)
        for (const unknown of ["cccccccc-0000-4000-8000-000000000001", "x", null, 7]) hint("pending_work", unknown)
        yield* settle
        assert.deepStrictEqual(connection.sent, [DaemonSocket.heartbeatFrame(codex!)])

        for (let more = 0; more < 100; more++) hint("pending_work", codex)
        hint("pending_work", claude)
        yield* settle
        assert.deepStrictEqual(connection.sent, [codex!, claude!].map(DaemonSocket.heartbeatFrame))
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(
          connection.sent,
          [codex!, claude!, codex!].map(DaemonSocket.heartbeatFrame),
          "one for all hints since"
        )
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual(connection.sent.length, 3)
        hint("pending_work", codex)
        yield* settle
        assert.strictEqual(connection.sent.length, 4)
      })
    ))
})
