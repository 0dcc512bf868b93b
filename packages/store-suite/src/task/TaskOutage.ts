import { it } from "@effect/vitest"
import { Task } from "@muster/domain"
import { Effect } from "effect"
import { allUnavailable } from "../runtime/Outage.ts"
import { claimOf, completed, freshRuntime, newTask, persons, scene, started } from "./Fixture.ts"
import type { TaskBackend } from "./TaskBackend.ts"

/** A dead backend is neither empty nor has it lost records: T-12. */
export const taskOutage = (backend: TaskBackend): void => {
  it.effect("T-12 with the backend down every call is unavailable within its bound, never absent and never empty", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      const input = { task: yield* newTask(on), idempotency: { key: "k", fingerprint: "one" } }
      const unknown = { id: yield* Task.randomTaskId, epoch: 1 }
      yield* on.outage
      for (const { log, queue } of [on.a, on.b]) {
        yield* allUnavailable([
          queue.enqueue(input),
          queue.find(task.id),
          queue.find(unknown.id),
          queue.byToken("a".repeat(64)),
          queue.list(on.workspaceId, {}, null, 10),
          queue.counts([on.runtimeId]),
          queue.active({ runtimeIds: [on.runtimeId], keys: ["k"] }, 10),
          queue.claimable([on.runtimeId]),
          queue.claimable([yield* freshRuntime]),
          queue.claim(claimOf(on)),
          queue.beat(on.daemonId, [task]),
          queue.renew(task),
          queue.release(task),
          queue.start(task),
          queue.note(task, { usage: [] }),
          queue.settle(task, completed, {}),
          queue.settle(unknown, completed, {}),
          queue.cancel(on.workspaceId, task.id, persons.ada),
          queue.reconcile({ daemonId: on.daemonId, runtimeIds: [on.runtimeId], held: [task], swept: true }),
          queue.runtimesDeleted([on.runtimeId], 500),
          queue.runtimesMerged([{ from: on.runtimeId, into: yield* freshRuntime, daemonId: on.daemonId }], 500),
          queue.sweep(10),
          queue.expire(0, 10),
          log.append(task, [{ seq: 1, at: 0, body: { kind: "text", text: "x" } }]),
          log.appendUnnumbered(task, [{ at: 0, body: { kind: "text", text: "x" } }]),
          log.read(task.id, 0, 10)
        ])
      }
    }))
}
