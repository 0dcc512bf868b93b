import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Task, type TaskEvent } from "@muster/domain"
import { Migrations, PgliteClient, TaskLogPostgres, TaskQueuePostgres } from "@muster/store-postgres"
import { freshDaemon, freshRuntime, freshWorkspace, newTask, shared, taskNode } from "@muster/store-suite"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { pgliteInMemory } from "../PgliteBackend.ts"

const database = shared(pgliteInMemory)
const stores = Layer.merge(TaskQueuePostgres.layer, TaskLogPostgres.layer)

/** A workspace with one runtime of one daemon, and rows that an older version, or a hand, made unreadable. */
const startScene = Effect.gen(function*() {
  const context = yield* Layer.build(Layer.provideMerge(Migrations.layer, PgliteClient.layerOn(yield* database)))
  const sql = Context.get(context, SqlClient.SqlClient)
  yield* sql`TRUNCATE tasks CASCADE`
  const { log, queue } = yield* taskNode(Layer.provide(stores, Layer.succeedContext(context)))
  const workspaceId = yield* freshWorkspace
  const runtimeId = yield* freshRuntime
  const daemonId = yield* freshDaemon
  return {
    sql,
    log,
    queue,
    workspaceId,
    runtimeId,
    daemonId,
    enqueue: (more: Partial<Task.NewTask> = {}) =>
      Effect.gen(function*() {
        const input = yield* newTask({ runtimeId, workspaceId }, more)
        return (yield* queue.enqueue({ task: input, idempotency: null })).task
      }),
    claim: (max: number) =>
      queue.claim({ daemonId, fenced: true, runtimeIds: [runtimeId], max, slots: null, tokenHashes: [] }),
    poison: ({ id }: Pick<Task.Task, "id">) =>
      sql`UPDATE tasks SET version = version + 1, record = jsonb_set(record, '{usage}', '[{"inputTokens": -1}]') WHERE id = ${id}`
  }
})

const idsOf = (tasks: ReadonlyArray<Pick<Task.Task, "id">>) => tasks.map(({ id }) => id)

describe("a row that cannot be read", () => {
  it.effect("T-12 is not among the tasks of a list, a claim or a sweep, and hinders no other task", () =>
    Effect.gen(function*() {
      const { claim, daemonId, enqueue, poison, queue, runtimeId, sql, workspaceId } = yield* startScene
      const first = yield* enqueue({ priority: 5 })
      const bad = yield* enqueue({ priority: 4 })
      yield* poison(bad)
      const worse = yield* enqueue({ priority: 3 })
      yield* sql`UPDATE tasks SET version = version + 1, record = '[1]' WHERE id = ${worse.id}`
      yield* TestClock.adjust(1)
      const last = yield* enqueue()
      deepStrictEqual(idsOf(yield* queue.list(workspaceId, {}, null, 10)), [last.id, first.id])
      deepStrictEqual(idsOf(yield* claim(10)), [first.id, last.id])
      deepStrictEqual(yield* claim(10), [])
      yield* queue.start({ id: last.id, epoch: 1 })
      const held = [bad, first, last].map(({ id }) => ({ id, epoch: 1 }))
      deepStrictEqual(yield* queue.beat(daemonId, held), [])
      deepStrictEqual(idsOf(yield* queue.active({ runtimeIds: [runtimeId], keys: [] }, 10)), [first.id, last.id])
      const input = { daemonId, runtimeIds: [runtimeId], held: [{ id: bad.id, epoch: 1 }], swept: true }
      const { orphaned, stop } = yield* queue.reconcile(input)
      deepStrictEqual([idsOf(orphaned), stop], [[first.id, last.id], []])
      const error = yield* Effect.flip(queue.find(bad.id))
      deepStrictEqual([error._tag, error.refused], ["StoreUnavailable", undefined])
      deepStrictEqual(idsOf(yield* queue.runtimesDeleted([runtimeId], 10)), [first.id, last.id])
    }))

  it.effect("T-02 whose delivery was lost hinders no other redelivery", () =>
    Effect.gen(function*() {
      const { claim, enqueue, poison, queue, runtimeId } = yield* startScene
      const bad = yield* enqueue()
      yield* TestClock.adjust(1)
      const good = yield* enqueue()
      yield* claim(2)
      yield* poison(bad)
      yield* TestClock.adjust(Task.times.redeliverAfter + 1)
      deepStrictEqual(idsOf(yield* claim(1)), [good.id])
      deepStrictEqual(yield* claim(1), [])
      strictEqual(yield* queue.claimable([runtimeId]), true)
    }))

  it.effect("T-12 that is active frees its key and its slot a day after its limit, and is removed with its time", () =>
    Effect.gen(function*() {
      const { claim, enqueue, poison, queue, runtimeId, sql } = yield* startScene
      const bad = yield* enqueue({ key: "k" })
      yield* claim(1)
      yield* poison(bad)
      const next = yield* enqueue({ key: "k" })
      yield* TestClock.adjust(Task.times.unstarted + 1)
      deepStrictEqual(yield* queue.sweep(10), [])
      deepStrictEqual(yield* claim(1), [])
      yield* TestClock.adjust(Task.times.queued - Task.times.unstarted - 10)
      deepStrictEqual(yield* queue.sweep(10), [])
      yield* TestClock.adjust(Task.times.unstarted + 10)
      yield* queue.sweep(10)
      const again = yield* enqueue({ key: "k" })
      deepStrictEqual(idsOf(yield* claim(1)), [again.id])
      strictEqual((yield* queue.counts([runtimeId])).get(runtimeId)?.active, 1)
      strictEqual((yield* queue.find(next.id))._tag, "Some")
      yield* queue.expire(Number.MAX_SAFE_INTEGER, 1_000)
      deepStrictEqual(yield* sql`SELECT id FROM tasks WHERE id = ${bad.id}`, [])
    }))

  it.effect("T-29 of a log is shown as one error, and the events around it are read", () =>
    Effect.gen(function*() {
      const { claim, enqueue, log, sql } = yield* startScene
      const { id } = yield* enqueue()
      yield* claim(1)
      const text = (n: number): TaskEvent.Sent => ({ seq: n, at: n, body: { kind: "text", text: `${n}` } })
      yield* log.append({ id, epoch: 1 }, [text(1), text(2), text(3)])
      yield* sql`UPDATE task_events SET body = '{"kind": "unheard of"}' WHERE task_id = ${id} AND "offset" = 2`
      const { events, last } = yield* log.read(id, 0, 10)
      strictEqual(last, 3)
      deepStrictEqual(events.map(({ at, body, offset }) => [offset, at, body]), [
        [1, 1, text(1).body],
        [2, 2, { kind: "error", text: "this entry of the log cannot be read" }],
        [3, 3, text(3).body]
      ])
    }))
})
