import { assert, it } from "@effect/vitest"
import { Identity, Runtime, Task } from "@muster/domain"
import { newTask } from "@muster/store-suite"
import { Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { observeTasks } from "../../src/metrics/ObservedTasks.ts"
import { ServerMetrics } from "../../src/metrics/ServerMetrics.ts"
import { makeStores } from "../support/Stores.ts"

const workspaceId = Identity.WorkspaceId.make("00000000-0000-4000-8000-00000000000a")
const runtimeId = Runtime.RuntimeId.make("00000000-0000-4000-8000-00000000000b")
const by = Identity.UserId.make("00000000-0000-4000-8000-00000000000c")
const daemonId = Identity.DaemonId.make("daemon-1")

it.effect("tasks are counted once each: created, claimed after a time, ended by status and reason", () =>
  Effect.gen(function*() {
    const { stores } = yield* makeStores({})
    const metrics = Context.get(yield* Layer.build(ServerMetrics.layer), ServerMetrics)
    const queue = observeTasks(stores.tasks, metrics)
    const create = (idempotency: { readonly key: string; readonly fingerprint: string } | null = null) =>
      Effect.flatMap(newTask({ runtimeId, workspaceId }), (task) => queue.enqueue({ task, idempotency }))
    const claim = queue.claim({ daemonId, runtimeIds: [runtimeId], fenced: true, max: 10, slots: 10, tokenHashes: [] })
    yield* create({ key: "k", fingerprint: "f" })
    yield* create({ key: "k", fingerprint: "f" })
    yield* create()
    const third = (yield* create()).task
    yield* queue.cancel(workspaceId, third.id, by)
    yield* TestClock.adjust("2 seconds")
    yield* queue.cancel(workspaceId, third.id, by)
    const [one, two] = yield* claim
    yield* queue.start(one!)
    const done = { _tag: "Completed", result: { text: "", stopReason: null, rejections: 0 } } as const
    yield* queue.settle(one!, done, {})
    yield* TestClock.adjust("1 second")
    yield* queue.settle(one!, done, {})
    yield* queue.settle(two!, { _tag: "Failed", reason: "agent_error", error: "no", result: null }, {})
    yield* create()
    yield* TestClock.adjust(Task.times.queued + 1)
    yield* queue.sweep(10)
    yield* queue.sweep(10)
    const counted = (yield* metrics.meter.text).split("\n").filter((line) =>
      /^muster_tasks?_(created|ended|claim_seconds_(count|sum))/.test(line) && !line.endsWith(" 0")
    )
    assert.sameMembers(counted, [
      "muster_tasks_created_total 4",
      "muster_task_claim_seconds_count 2",
      "muster_task_claim_seconds_sum 4",
      "muster_tasks_ended_total{status=\"completed\",reason=\"none\"} 1",
      "muster_tasks_ended_total{status=\"failed\",reason=\"agent_error\"} 1",
      "muster_tasks_ended_total{status=\"failed\",reason=\"queued_expired\"} 1",
      "muster_tasks_ended_total{status=\"cancelled\",reason=\"confirmed\"} 1"
    ])
  }))
