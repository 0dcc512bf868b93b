import { it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Runtime, type Store, Task, type TaskEvent } from "@muster/domain"
import { Arbitrary, Effect, Option, Result, Schema } from "effect"
import {
  claimed,
  claimOf,
  completed,
  doneTask,
  enqueue,
  freshDaemon,
  freshRuntime,
  idsOf,
  look,
  newTask,
  result,
  type Scene,
  scene,
  started,
  usageOf
} from "./Fixture.ts"
import type { TaskBackend, TaskNode } from "./TaskBackend.ts"

/** Counts that a daemon may report by mistake, or on purpose. */
const counts = [
  0,
  7,
  -1,
  1.5,
  -0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  1e300,
  Number.MIN_VALUE
]

const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: counts.length - 1 }))
const Text = Schema.Literals(["x", "x", "x", "y", "z", "long", "nul"])

const Report = Schema.Struct({
  what: Schema.Literals(["note", "note", "settle", "event", "unnumbered"]),
  input: Count,
  output: Count,
  cost: Count,
  model: Text,
  session: Text
})
type Report = typeof Report.Type

const textOf = (text: Report["model"]): string =>
  text === "long" ? "l".repeat(10_000) : text === "nul" ? "a\u0000b" : text

const noteOf = (report: Report, { epoch, runtimeId }: Task.Task): Task.Note => ({
  usage: [{
    ...usageOf(epoch, textOf(report.model)),
    inputTokens: counts[report.input]!,
    outputTokens: counts[report.output]!,
    costUsd: counts[report.cost]!
  }],
  ...(report.session !== "y" && { session: { id: textOf(report.session), runtimeId, folder: textOf(report.session) } })
})

const eventOf = (report: Report): TaskEvent.Body => ({
  kind: "usage",
  model: textOf(report.model),
  inputTokens: counts[report.input]!,
  outputTokens: counts[report.output]!,
  cacheReadTokens: 0,
  cacheWriteTokens: 0
})

/** Sends a report; returns the number of the next event. */
const send = ({ log, queue }: TaskNode, task: Task.Task, report: Report, seq: number) => {
  switch (report.what) {
    case "note":
      return Effect.as(queue.note(task, noteOf(report, task)), seq)
    case "settle": {
      const outcome: Task.Outcome = {
        _tag: "Completed",
        result: { ...result, rejections: counts[report.input]!, stopReason: textOf(report.model) }
      }
      return Effect.as(queue.settle(task, outcome, noteOf(report, task)), seq)
    }
    case "event":
      return Effect.map(
        log.append(task, [{ seq, at: counts[report.cost]!, body: eventOf(report) }]),
        (appended) => appended._tag === "Appended" ? appended.next : seq
      )
    case "unnumbered":
      return Effect.as(log.appendUnnumbered(task, [{ at: 0, body: eventOf(report) }]), seq)
  }
}

const decode = Schema.decodeUnknownEffect(Task.Task)

/** Fails unless every read works on this node, of the task and of the others. */
const isReadable = Effect.fnUntraced(function*(node: TaskNode, on: Scene, task: Task.Task) {
  const found = (yield* look(node, task))!
  yield* decode(JSON.parse(JSON.stringify(found)))
  assertTrue(found.usage.length <= Task.maxUsage * Task.maxAttempts)
  assertTrue(Object.values(Task.totalUsage(found)).every(Number.isSafeInteger))
  const { events, last } = yield* node.log.read(task.id, 0, 1_000)
  strictEqual(events.length, last)
  assertTrue((yield* node.queue.list(on.workspaceId, {}, null, 200)).some(({ id }) => id === task.id))
  yield* node.queue.sweep(10)
  yield* node.queue.active({ runtimeIds: [on.runtimeId], keys: [] }, 200)
  deepStrictEqual((yield* node.queue.beat(on.daemonId, [task])).every(({ id }) => id === task.id), true)
  const daemon = { runtimeId: on.runtimeId, daemonId: yield* freshDaemon }
  const other = yield* enqueue(node, on)
  deepStrictEqual(idsOf(yield* node.queue.claim(claimOf(daemon))), [other.id])
  const { orphaned } = yield* node.queue.reconcile({ ...daemon, runtimeIds: [on.runtimeId], held: [], swept: true })
  deepStrictEqual(idsOf(orphaned), [other.id])
  yield* node.queue.claim(claimOf(daemon))
  yield* node.queue.settle({ id: other.id, epoch: 2 }, {
    _tag: "Failed",
    reason: "agent_error",
    error: "",
    result: null
  }, {})
})

const told = (inputTokens: number, model: string) => ({ ...usageOf(1, model), inputTokens })

/** A refusal of a value: neither an outage nor a defect. */
const isRefusal = ({ refused }: Store.StoreUnavailable) => refused === true

/** No report makes a record or a log unreadable: T-03, T-30. */
export const reporting = (backend: TaskBackend): void => {
  it.effect(
    "T-03 T-30 any sequence of reports with impossible numbers leaves the record and its log readable",
    () =>
      Effect.gen(function*() {
        const on = yield* scene(backend.nodes)
        const checked = yield* Arbitrary.checkEffect(
          Arbitrary.array(Arbitrary.schema(Report), { minLength: 1, maxLength: 12 }),
          Effect.fnUntraced(function*(reports) {
            const here = { ...on, runtimeId: yield* freshRuntime, daemonId: yield* freshDaemon }
            const task = yield* started(on.a, here)
            let seq = 1
            for (const [i, report] of reports.entries()) {
              const sent = yield* Effect.result(send(i % 2 === 0 ? on.a : on.b, task, report, seq))
              if (Result.isFailure(sent)) assertTrue(isRefusal(sent.failure), String(sent.failure))
              else seq = sent.success
            }
            yield* isReadable(on.a, here, task)
            yield* isReadable(on.b, here, task)
            return true
          }),
          { runs: 40, size: 12 }
        )
        strictEqual(Arbitrary.formatCheckFailure(checked), undefined)
      }),
    120_000
  )

  it.effect("counts that are no counts are 0 or the largest that is exact, and their sums stay exact", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      const usage = [told(-5, "a"), told(2 ** 60, "b"), told(1.9, "c"), told(Number.NaN, "d"), told(1e300, "e")]
      const noted = doneTask(yield* on.a.queue.note(task, { usage }))
      const max = Number.MAX_SAFE_INTEGER
      deepStrictEqual(noted.usage.map(({ inputTokens }) => inputTokens), [0, max, 1, 0, max])
      strictEqual(Task.totalUsage(noted).inputTokens, max)
      const free = { ...usageOf(1, "f"), costUsd: Number.POSITIVE_INFINITY }
      const [last] = doneTask(yield* on.b.queue.note(task, { usage: [free] })).usage.slice(-1)
      strictEqual(last !== undefined && "costUsd" in last, false)
      const outcome: Task.Outcome = { ...completed, result: { ...result, rejections: -3 } } as Task.Outcome
      const { state } = doneTask(yield* on.a.queue.settle(task, outcome, {}))
      strictEqual(state._tag === "Completed" && state.result.rejections, 0)
      deepStrictEqual((yield* look(on.b, task))?.state, state)
    }))

  it.effect("of one claim the usage of at most 32 models is kept, the latest", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      for (let n = 0; n < 40; n++) yield* on.a.queue.note(task, { usage: [usageOf(1, `m${n}`)] })
      const { usage } = (yield* look(on.b, task))!
      deepStrictEqual(usage.map(({ model }) => model), Array.from({ length: 32 }, (_, n) => `m${n + 8}`))
    }))

  it.effect("a new task that could not be read is refused, and nothing is stored", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      for (
        const more of [{ priority: 11 }, { priority: 0.5 }, { folder: "f".repeat(5_000) }, { model: "m".repeat(300) }]
      ) {
        for (const idempotency of [null, { key: "k", fingerprint: "one" }]) {
          const error = yield* Effect.flip(on.a.queue.enqueue({ task: yield* newTask(on, more), idempotency }))
          assertTrue(error._tag === "StoreUnavailable" && isRefusal(error), error._tag)
        }
      }
      deepStrictEqual(yield* on.b.queue.list(on.workspaceId, {}, null, 10), [])
      deepStrictEqual(yield* on.b.queue.claim(claimOf(on)), [])
    }))

  it.effect("a report that could not be read is refused, and the task is as it was", () =>
    Effect.gen(function*() {
      const on = yield* scene(backend.nodes)
      const task = yield* started(on.a, on)
      const runtimeId = Runtime.RuntimeId.make(on.runtimeId)
      const note: Task.Note = { session: { id: "s".repeat(600), runtimeId, folder: null } }
      for (const call of [on.a.queue.note(task, note), on.a.queue.settle(task, completed, note)]) {
        const error = yield* Effect.flip(call)
        assertTrue(isRefusal(error))
        assertTrue(error.why.includes("session"), error.why)
      }
      deepStrictEqual(yield* on.b.queue.find(task.id), Option.some(task))
      yield* claimed(on.a, on)
    }))
}
