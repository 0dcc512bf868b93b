import { assert, describe, it } from "@effect/vitest"
import { DaemonSocket } from "@muster/domain"
import { Effect } from "effect"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { startTasks } from "./TaskScene.ts"

describe("hints of tasks on the socket of a daemon", () => {
  it.effect("T-18 are sent where the daemon has something to do: a new task, the cancel of one that it has", () =>
    Effect.gen(function*() {
      const { ana, claim, codex, me, muster, post } = yield* startTasks()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      const hint = JSON.parse(DaemonSocket.taskAvailableFrame(codex.id))
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))

      const { id } = (yield* post()).json
      assert.deepStrictEqual(yield* socket.next, hint)
      yield* me.post(`/api/tasks/${id}/cancel`, {})
      yield* me.post(`/api/tasks/${id}/cancel`, {})
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))

      const other = (yield* post()).json
      assert.deepStrictEqual(yield* socket.next, hint)
      yield* claim()
      yield* me.post(`/api/tasks/${other.id}/cancel`, {})
      assert.deepStrictEqual(yield* socket.next, hint)
    }))
})
