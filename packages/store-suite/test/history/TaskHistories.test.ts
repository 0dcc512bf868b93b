import { assert, describe, it } from "@effect/vitest"
import { Identity, Runtime, Task } from "@muster/domain"
import { unexplainedTask } from "../../src/history/TaskHistorySuite.ts"
import type { TaskHistory, TaskOperation } from "../../src/history/TaskOperation.ts"

const runtimeId = Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000001")
const by = Identity.UserId.make("00000000-0000-4000-8000-000000000003")
const daemonId = Identity.DaemonId.make("box")
const result: Task.Result = { text: "done", stopReason: "end", rejections: 0 }
const done: Task.Outcome = { _tag: "Completed", result }
const broken: Task.Outcome = { _tag: "Failed", reason: "agent_error", error: "no", result: null }

const inputOf = (digit: string): Task.NewTask => ({
  id: Task.TaskId.make(`${digit.repeat(8)}-0000-4000-8000-000000000000`),
  workspaceId: Identity.WorkspaceId.make("00000000-0000-4000-8000-000000000002"),
  runtimeId,
  by,
  prompt: "fix it",
  folder: null,
  model: null,
  policy: "all",
  priority: 0,
  key: null,
  retryOf: null
})
const input = inputOf("a")
const { id } = input
const queued = Task.make(input, 0)
const claim = { daemonId, fenced: true, runtimeIds: [runtimeId], max: 1, slots: null, tokenHashes: [] }
const dispatched = Task.claim(queued, { ...claim, tokenHash: null }, 0)
const taskOf = (fenced: Task.Fenced): Task.Task => fenced._tag === "Done" ? fenced.task : queued
const running = taskOf(Task.start(dispatched, 1, 0))
const ended = (outcome: Task.Outcome) => Task.settle(running, 1, outcome, 0)
const endedTask = (outcome: Task.Outcome): Task.Task => taskOf(ended(outcome))

const enqueued: TaskOperation = { op: "enqueue", now: 0, id, input, answer: queued }
const claimed = (answer: ReadonlyArray<Task.Task>, more: Partial<typeof claim> = {}, now = 0): TaskOperation => ({
  op: "claim",
  now,
  claim: { ...claim, ...more },
  answer
})
const started: TaskOperation = {
  op: "start",
  now: 0,
  id,
  epoch: 1,
  answer: Task.start(dispatched, 1, 0)
}
const settled = (
  outcome: Task.Outcome,
  answer: Task.Fenced | undefined = ended(outcome),
  epoch = 1
): TaskOperation => ({
  op: "settle",
  now: 0,
  id,
  epoch,
  outcome,
  answer
})
const seen = (answer: Task.Task | undefined, now = 0): TaskOperation => ({ op: "find", now, id, answer })
const life = [enqueued, claimed([dispatched]), started]

/** Sequential. */
const inOrder = (...ops: ReadonlyArray<TaskOperation>): TaskHistory =>
  ops.map((op, i) => ({ op, called: 2 * i, returned: 2 * i + 1 }))

/** The first ones sequential, the last two concurrent. */
const atOnce = (...ops: ReadonlyArray<TaskOperation>): TaskHistory =>
  inOrder(...ops).map((entry, i) => i < ops.length - 2 ? entry : { ...entry, called: 100 + i, returned: 200 + i })

const other = Identity.DaemonId.make("other")
const late = Task.times.redeliverAfter + 1
const again = Task.redeliver(dispatched, null, late)

const good: Record<string, TaskHistory> = {
  "one task's life": inOrder(...life, settled(done), seen(endedTask(done)), claimed([])),
  "a look at what is not there yet": inOrder(seen(undefined), enqueued),
  "two claims at once, one winner": atOnce(enqueued, claimed([]), claimed([dispatched])),
  "two reports at once, the second one of which learns what the first one did": atOnce(
    ...life,
    settled(broken, { _tag: "Done", task: endedTask(done) }),
    settled(done)
  ),
  "a redelivery to the same daemon": inOrder(enqueued, claimed([dispatched]), claimed([again], {}, late)),
  "a claim without room that leaves it": inOrder(
    enqueued,
    claimed([Task.claim(
      Task.make(inputOf("b"), 0),
      { ...claim, tokenHash: null },
      0
    )])
  ).concat([{
    op: { op: "enqueue", now: 0, id: inputOf("b").id, input: inputOf("b"), answer: Task.make(inputOf("b"), 0) },
    called: 2,
    returned: 3
  }]),
  "a claim of another runtime": inOrder(enqueued, claimed([], { runtimeIds: [] }))
}

const bad: Record<string, TaskHistory> = {
  "two claims at once, two winners": atOnce(enqueued, claimed([dispatched]), claimed([dispatched])),
  "one claim that takes it twice": inOrder(enqueued, claimed([dispatched, dispatched], { max: 2 })),
  "a claim that has room and leaves it": inOrder(enqueued, claimed([])),
  "a claim before it exists": inOrder(claimed([dispatched]), enqueued),
  "a redelivery to another daemon": inOrder(
    enqueued,
    claimed([dispatched]),
    claimed([again], { daemonId: other }, late)
  ),
  "a redelivery too early": inOrder(
    enqueued,
    claimed([dispatched]),
    claimed([Task.redeliver(dispatched, null, 1)], {}, 1)
  ),
  "a claim whose limit has passed and that is still there": inOrder(
    enqueued,
    claimed([dispatched]),
    seen(dispatched, Task.times.unstarted + 1)
  ),
  "two reports at once, two winners": atOnce(...life, settled(done), settled(broken)),
  "an end that is taken back": inOrder(...life, settled(done), seen(running)),
  "a report of another claim that counts": inOrder(...life, settled(done, ended(done), 2)),
  "a report that is superseded without another claim": inOrder(...life, settled(done, { _tag: "Superseded" })),
  "a start that is forgotten": inOrder(...life, seen(dispatched)),
  "a cancel that is forgotten": inOrder(
    enqueued,
    { op: "cancel", now: 0, id, by, answer: Task.cancel(queued, by, 0) },
    claimed([dispatched])
  ),
  "an order for a task that goes on": inOrder(...life, {
    op: "beat",
    now: 0,
    id,
    epoch: 1,
    daemonId,
    answer: "cancel"
  }),
  "no order for another daemon": inOrder(...life, { op: "beat", now: 0, id, epoch: 1, daemonId: other, answer: null })
}

describe("histories of tasks", () => {
  it.each(Object.entries(good))("accepts %s", (_, history) => assert.isUndefined(unexplainedTask(history)))
  it.each(Object.entries(bad))("rejects %s", (_, history) => assert.isDefined(unexplainedTask(history)))
})
