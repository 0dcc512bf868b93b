import { type Identity, type Runtime, Task, type TaskQueue } from "@muster/domain"
import { Clock, Effect, Option, Random } from "effect"
import { TestClock } from "effect/testing"
import {
  claimOf,
  completed,
  failedAs,
  freshDaemon,
  freshRuntime,
  freshWorkspace,
  newTask,
  persons,
  stopped,
  together
} from "../task/Fixture.ts"
import type { TaskNode, TaskNodes } from "../task/TaskBackend.ts"
import type { Entry } from "./Linearizable.ts"
import type { TaskHistory, TaskOperation } from "./TaskOperation.ts"

const fibres = 8
const rounds = 4
const perFibre = 3

/** The pause between rounds, in ms: nothing, past a retry's wait, a redelivery, a claim without a start, a grace. */
const pauses = [0, 0, 1, 30_001, 90_001, 300_001, Task.times.grace + 1]

const outcomes = [completed, completed, stopped, failedAs("agent_error"), failedAs("agent_died")]

interface Play {
  readonly to: { readonly workspaceId: Identity.WorkspaceId; readonly runtimeId: Runtime.RuntimeId }
  readonly daemons: ReadonlyArray<Identity.DaemonId>
  /** The newest claim of each task observed so far. */
  readonly epochs: Map<Task.TaskId, number>
  readonly entries: Array<Entry<TaskOperation>>
  /** Events are ordered by their place: a test's clock does not move. */
  tick: number
}

type Bare<Operation> = Operation extends unknown ? Omit<Operation, "now"> : never
type Turn = Effect.Effect<Bare<TaskOperation>, unknown>

const unused = Task.TaskId.make("00000000-0000-4000-8000-000000000000")

const pickOne = <A>(values: ReadonlyArray<A>) =>
  Effect.map(Random.nextIntBetween(0, values.length, { halfOpen: true }), (i) => values[i]!)

/** One of the last tasks, mostly with its newest claim. */
const pickHeld = Effect.fnUntraced(function*({ epochs }: Play) {
  const [id, epoch] = epochs.size === 0 ? [unused, 1] as const : yield* pickOne([...epochs].slice(-3))
  const held: TaskQueue.Held = { id, epoch: Math.max(0, epoch - (yield* pickOne([0, 0, 0, 0, 1]))) }
  return held
})

const operations = [
  "enqueue",
  "enqueue",
  "claim",
  "claim",
  "claim",
  "start",
  "start",
  "settle",
  "settle",
  "cancel",
  "release",
  "renew",
  "beat",
  "find"
] as const

const enqueue = Effect.fnUntraced(function*({ queue }: TaskNode, { to }: Play) {
  const input = yield* newTask(to, { priority: yield* pickOne([0, 0, 5]) })
  const { task } = yield* queue.enqueue({ task: input, idempotency: null })
  return { op: "enqueue" as const, id: input.id, input, answer: task }
})

const draw = Effect.fnUntraced(function*(play: Play, node: TaskNode) {
  const { queue } = node
  const held = yield* pickHeld(play)
  const name = yield* pickOne(operations)
  switch (name) {
    case "enqueue":
      return enqueue(node, play) satisfies Turn
    case "claim": {
      const daemonId = yield* pickOne(play.daemons)
      const claim = claimOf({ ...play.to, daemonId }, { max: yield* pickOne([1, 1, 2]) })
      return Effect.map(queue.claim(claim), (answer) => ({ op: name, claim, answer })) satisfies Turn
    }
    case "settle": {
      const outcome = yield* pickOne(outcomes)
      return Effect.map(queue.settle(held, outcome, {}), (found) => ({
        op: name,
        ...held,
        outcome,
        answer: Option.getOrUndefined(found)
      })) satisfies Turn
    }
    case "cancel": {
      const by = persons.bob
      return Effect.map(queue.cancel(play.to.workspaceId, held.id, by), (found) => ({
        op: name,
        id: held.id,
        by,
        answer: Option.getOrUndefined(found)
      })) satisfies Turn
    }
    case "beat": {
      const daemonId = yield* pickOne(play.daemons)
      return Effect.map(queue.beat(daemonId, [held]), (orders) => ({
        op: name,
        ...held,
        daemonId,
        answer: orders[0]?.order ?? null
      })) satisfies Turn
    }
    case "find":
      return Effect.map(queue.find(held.id), (found) => ({
        op: name,
        id: held.id,
        answer: Option.getOrUndefined(found)
      })) satisfies Turn
    default:
      return Effect.map(queue[name](held), (found) => ({
        op: name,
        ...held,
        answer: Option.getOrUndefined(found)
      })) satisfies Turn
  }
})

const noteClaims = ({ epochs }: Play, done: Bare<TaskOperation>) => {
  if (done.op === "enqueue") epochs.set(done.id, 0)
  if (done.op === "claim") {
    for (const { epoch, id } of done.answer) epochs.set(id, Math.max(epoch, epochs.get(id) ?? 0))
  }
}

const perform = Effect.fnUntraced(function*(play: Play, turn: Turn) {
  const now = yield* Clock.currentTimeMillis
  const called = play.tick++
  const done = yield* turn
  play.entries.push({ op: { ...done, now } as TaskOperation, called, returned: play.tick++ })
  noteClaims(play, done)
})

/**
 * The history of eight fibers on two nodes doing random operations on the tasks of one runtime, some concurrently, with
 * time between the rounds. In the order of the returns.
 */
export const recordTaskHistory = Effect.fnUntraced(function*(nodes: Pick<TaskNodes, "a" | "b">) {
  const play: Play = {
    to: { workspaceId: yield* freshWorkspace, runtimeId: yield* freshRuntime },
    daemons: [yield* freshDaemon, yield* freshDaemon],
    epochs: new Map(),
    entries: [],
    tick: 0
  }
  yield* perform(play, enqueue(nodes.a, play))
  const random = (node: TaskNode) => Effect.flatMap(draw(play, node), (turn) => perform(play, turn))
  for (let round = 0; round < rounds; round++) {
    const fibre = (i: number) => Effect.repeat(random(i % 2 === 0 ? nodes.a : nodes.b), { times: perFibre - 1 })
    yield* together(Array.from({ length: fibres }, (_, i) => fibre(i)))
    yield* TestClock.adjust(yield* pickOne(pauses))
  }
  const history: TaskHistory = play.entries
  return history
})
