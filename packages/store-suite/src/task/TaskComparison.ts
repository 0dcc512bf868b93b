import { type Identity, type Runtime, Task, type TaskEvent, type TaskQueue } from "@muster/domain"
import { Clock, Data, Effect, Equal, Option } from "effect"
import { TestClock } from "effect/testing"
import {
  completed,
  failedAs,
  freshDaemon,
  freshRuntime,
  freshWorkspace,
  newTask,
  persons,
  result,
  stopped,
  usageOf
} from "./Fixture.ts"
import type { TaskNodes } from "./TaskBackend.ts"
import { daemonCount, runtimeCount, runtimeSets, singlesOf, type TaskCommand } from "./TaskCommand.ts"
import * as Log from "./TaskLogModel.ts"
import * as Model from "./TaskModel.ts"

const shown = (answer: unknown): string => JSON.stringify(answer instanceof Map ? [...answer] : answer)

/** The store's answer differs from the model's. */
class TaskDivergence extends Data.TaggedError("TaskDivergence")<{
  /** The place in the sequence; its length: the read of every record at the end. */
  readonly step: number
  readonly command: unknown
  readonly expected: unknown
  readonly actual: unknown
}> {
  override get message() {
    const { actual, command, expected, step } = this
    return `step ${step}: ${JSON.stringify(command)}\nexpected ${shown(expected)}\nactual   ${shown(actual)}`
  }
}

/** One sequence in progress: what it uses, the tasks made, and the model so far. */
interface Play {
  readonly nodes: TaskNodes
  readonly workspaces: ReadonlyArray<Identity.WorkspaceId>
  readonly runtimes: Array<Runtime.RuntimeId>
  readonly daemons: ReadonlyArray<Identity.DaemonId>
  readonly made: Array<Task.TaskId>
  model: Model.TaskModel
}

interface Answers {
  readonly expected: unknown
  readonly actual: unknown
}

type Single = ReturnType<typeof singlesOf>[number]
type Of<Tag extends Single["_tag"]> = Extract<Single, { readonly _tag: Tag }>

const unused = Task.TaskId.make("00000000-0000-4000-8000-000000000000")
const everyone = Object.values(persons)
const orNull = <A>(value: A | "none"): A | null => value === "none" ? null : value
const all = 10_000

const workspaceOf = ({ workspaces }: Play, runtime: number) => workspaces[runtime === runtimeCount - 1 ? 1 : 0]!
const runtimesOf = ({ runtimes }: Play, set: number) => runtimeSets[set]!.map((number) => runtimes[number]!)
const idOf = ({ made }: Play, back: number) => made.at(-1 - back) ?? unused

/** An active task first, since most steps are of one: else one of those made so far. */
const heldOf = (play: Play, back: number, late: number): TaskQueue.Held => {
  const active = play.model.tasks.filter(Task.isActive).at(-1 - back)
  const id = active?.id ?? idOf(play, back)
  return { id, epoch: Math.max(0, (play.model.tasks.find((task) => task.id === id)?.epoch ?? 0) - late) }
}

/** Compares an answer with the model's, which goes on from there. */
const agreed = <A>(play: Play, actual: unknown, { answer, model }: Model.Step<A>): Answers => {
  play.model = model
  return { expected: answer, actual }
}

/** The id of the task that this step makes. Among those of one sequence the order of ids is not that of the steps. */
const newId = ({ workspaces }: Play, step: number) =>
  Task.TaskId.make(`${((step * 167) % 256).toString(16).padStart(2, "0")}${workspaces[0]!.slice(2)}`)

const enqueue = Effect.fnUntraced(function*(play: Play, command: Of<"Enqueue">, step: number) {
  const { differs, key, node, once, person, priority, runtime } = command
  const to = { workspaceId: workspaceOf(play, runtime), runtimeId: play.runtimes[runtime]! }
  const task = yield* newTask(to, {
    id: newId(play, step),
    by: everyone[person]!,
    priority,
    // No other sequence has this key.
    key: key === "none" ? null : `${key} ${play.workspaces[0]}`
  })
  const input: TaskQueue.Enqueue = {
    task,
    idempotency: once === "none" ? null : { key: once, fingerprint: differs ? "one" : "another" }
  }
  const actual = yield* play.nodes[node].queue.enqueue(input).pipe(
    Effect.map((made): Model.Creation => ({ _tag: "Made", ...made })),
    Effect.catchTags({
      TasksFull: ({ bound, max }) => Effect.succeed<Model.Creation>({ _tag: "TasksFull", bound, max }),
      IdempotencyConflict: ({ id }) => Effect.succeed<Model.Creation>({ _tag: "IdempotencyConflict", id })
    })
  )
  if (actual._tag === "Made" && actual.created) play.made.push(actual.task.id)
  return agreed(play, actual, Model.enqueue(play.model, input, yield* Clock.currentTimeMillis))
})

const claim = Effect.fnUntraced(function*(play: Play, command: Of<"Claim">, step: number) {
  const { daemon, fenced, max, node, runtimes, slots, tokens } = command
  const input: TaskQueue.ClaimTasks = {
    daemonId: play.daemons[daemon]!,
    fenced,
    runtimeIds: runtimesOf(play, runtimes),
    max,
    slots: orNull(slots),
    tokenHashes: tokens ? Array.from({ length: max }, (_, index) => tokenOf(play, step, index)) : []
  }
  const actual = yield* play.nodes[node].queue.claim(input)
  return agreed(play, actual, Model.claim(play.model, input, yield* Clock.currentTimeMillis))
})

/** 64 hex digits that no other claim has. */
const tokenOf = ({ workspaces }: Play, step: number, index: number): string =>
  `${workspaces[0]!.replaceAll("-", "")}${String(step).padStart(16, "0")}${String(index).padStart(16, "0")}`

const outcomes: Record<Of<"Settle">["outcome"], Task.Outcome> = {
  completed,
  stopped,
  agent_error: { ...failedAs("agent_error"), result } as Task.Outcome,
  agent_died: failedAs("agent_died"),
  provider_network: failedAs("provider_network")
}

const noteOf = (epoch: number, runtimeId: Runtime.RuntimeId): Task.Note => ({
  session: { id: "sess-1", runtimeId, folder: "/tmp/größe" },
  usage: [usageOf(epoch), usageOf(epoch, "gpt-y")]
})

const rules = { start: Task.start, renew: Task.renew, release: Task.release }

const fencedStep = Effect.fnUntraced(function*(play: Play, command: Of<"Step"> | Of<"Settle">) {
  const { queue } = play.nodes[command.node]
  const held = heldOf(play, command.made, command.late)
  const note = noteOf(held.epoch, play.runtimes[0]!)
  const now = yield* Clock.currentTimeMillis
  if (command._tag === "Settle") {
    const outcome = outcomes[command.outcome]
    const told = command.told ? note : {}
    const actual = Option.getOrUndefined(yield* queue.settle(held, outcome, told))
    return agreed(
      play,
      actual,
      Model.step(play.model, held, (task, epoch, at) => Task.settleWithNote(task, epoch, outcome, told, at), now)
    )
  }
  if (command.step === "note") {
    const actual = Option.getOrUndefined(yield* queue.note(held, note))
    return agreed(
      play,
      actual,
      Model.step(play.model, held, (task, epoch, at) => Task.note(task, epoch, note, at), now)
    )
  }
  const actual = Option.getOrUndefined(yield* queue[command.step](held))
  return agreed(play, actual, Model.step(play.model, held, rules[command.step], now))
})

const look = Effect.fnUntraced(function*(play: Play, { look, made, node }: Of<"Look">) {
  const { log, queue } = play.nodes[node]
  const now = yield* Clock.currentTimeMillis
  const id = idOf(play, made)
  const task = play.model.tasks.find((one) => one.id === id)
  switch (look) {
    case "find":
      return agreed(play, Option.getOrUndefined(yield* queue.find(id)), Model.find(play.model, id, now))
    case "list":
    case "page":
    case "queued": {
      const cursor = look === "page" && task !== undefined ? { createdAt: task.createdAt, id } : null
      const filter: TaskQueue.TaskFilter = look === "queued"
        ? { statuses: ["queued", "dispatched"], runtimeId: play.runtimes[0]!, by: everyone[0]! }
        : {}
      const max = look === "page" ? 2 : 200
      const workspace = play.workspaces[0]!
      const actual = yield* queue.list(workspace, filter, cursor, max)
      return agreed(play, actual, Model.list(play.model, { workspace, filter, cursor, max }, now))
    }
    case "counts":
      return agreed(play, yield* queue.counts(play.runtimes), Model.counts(play.model, play.runtimes, now))
    case "active": {
      const by = { runtimeIds: [play.runtimes[0]!], keys: [`folder ${play.workspaces[0]}`] }
      return agreed(play, yield* queue.active(by, 200), Model.active(play.model, by, now))
    }
    case "claimable": {
      const actual = yield* queue.claimable(play.runtimes)
      const needed = Model.claimable(play.model, play.runtimes, now)
      return { expected: needed, actual: needed ? actual : false }
    }
    case "token": {
      const hash = task?.tokenHash ?? "0".repeat(64)
      return agreed(play, Option.getOrUndefined(yield* queue.byToken(hash)), Model.byToken(play.model, hash, now))
    }
    case "log":
      return { expected: Log.read(play.model, id, 1, 3), actual: yield* log.read(id, 1, 3) }
  }
})

const append = Effect.fnUntraced(function*(play: Play, { events, late, made, node, numbered, repeated }: Of<"Append">) {
  const { log } = play.nodes[node]
  const now = yield* Clock.currentTimeMillis
  const held = heldOf(play, made, late)
  const known = play.model.logs.find(({ epoch, id }) => id === held.id && epoch === held.epoch)
  const first = Math.max(1, (known?.next ?? 1) - repeated)
  const sent: ReadonlyArray<TaskEvent.Sent> = Array.from({ length: events }, (_, index) => ({
    seq: first + index,
    at: Math.max(0, now - index),
    body: { kind: "text", text: `größe ${first + index}` }
  }))
  if (numbered) return agreed(play, yield* log.append(held, sent), Log.append(play.model, held, sent, now))
  return agreed(play, yield* log.appendUnnumbered(held, sent), Log.appendUnnumbered(play.model, held, sent, now))
})

/** What every node returns of a sweep must be so in the model; which of them it has to write is its own affair. */
const sweep = Effect.fnUntraced(function*(play: Play, node: "a" | "b") {
  const now = yield* Clock.currentTimeMillis
  const swept = yield* play.nodes[node].queue.sweep(all)
  play.model = Model.at(play.model, now)
  const mine = swept.filter(({ id }) => play.made.includes(id))
  const ids = new Set(mine.map(({ id }) => id))
  return {
    expected: Model.oldestFirst(play.model.tasks.filter(({ id }) => ids.has(id))),
    actual: Model.oldestFirst(mine)
  }
})

const others = Effect.fnUntraced(function*(
  play: Play,
  command: Of<"Beat"> | Of<"Reconcile"> | Of<"Cancel"> | Of<"RuntimesDeleted"> | Of<"RuntimesMerged">
) {
  const { queue } = play.nodes[command.node]
  const now = yield* Clock.currentTimeMillis
  switch (command._tag) {
    case "Beat": {
      const held = command.held.map(([made, late]) => heldOf(play, made, late))
      const daemon = play.daemons[command.daemon]!
      return agreed(play, yield* queue.beat(daemon, held), Model.beat(play.model, daemon, held, now))
    }
    case "Reconcile": {
      const input = {
        daemonId: play.daemons[command.daemon]!,
        runtimeIds: runtimesOf(play, command.runtimes),
        held: command.held.map(([made, late]) => heldOf(play, made, late)),
        swept: command.swept
      }
      return agreed(play, yield* queue.reconcile(input), Model.reconcile(play.model, input, now))
    }
    case "Cancel": {
      const id = idOf(play, command.made)
      const own = play.model.tasks.find((task) => task.id === id)?.workspaceId ?? play.workspaces[0]!
      const workspace = command.foreign ? play.workspaces.find((other) => other !== own)! : own
      const actual = Option.getOrUndefined(yield* queue.cancel(workspace, id, persons.bob))
      return agreed(play, actual, Model.cancel(play.model, workspace, id, persons.bob, now))
    }
    case "RuntimesDeleted": {
      const runtimes = runtimesOf(play, command.runtimes)
      const { answer, model } = Model.runtimesDeleted(play.model, runtimes, now)
      const actual = Model.oldestFirst(yield* queue.runtimesDeleted(runtimes, all))
      // Nothing is asked of a deleted runtime any more.
      for (const number of runtimeSets[command.runtimes]!) play.runtimes[number] = yield* freshRuntime
      return agreed(play, actual, { answer, model })
    }
    case "RuntimesMerged": {
      const [into, from] = play.runtimes
      const merge: Task.Merge = { from: from!, into: into!, daemonId: play.daemons[command.daemon]! }
      const actual = Model.oldestFirst(yield* queue.runtimesMerged([merge], all))
      play.runtimes[1] = yield* freshRuntime
      return agreed(play, actual, Model.runtimesMerged(play.model, merge, now))
    }
  }
})

const none: Answers = { expected: undefined, actual: undefined }

const passTo = Effect.fnUntraced(function*(play: Play, { made, past }: Of<"PassTo">) {
  const now = yield* Clock.currentTimeMillis
  const task = Model.find(play.model, idOf(play, made), now).answer
  const end = task === undefined ? null : Task.deadlineOf(task)
  if (end !== null) yield* TestClock.setTime(past ? end + 1 : end)
})

const perform = Effect.fnUntraced(function*(play: Play, command: Single, step: number) {
  switch (command._tag) {
    case "Enqueue":
      return yield* enqueue(play, command, step)
    case "Claim":
      return yield* claim(play, command, step)
    case "Step":
    case "Settle":
      return yield* fencedStep(play, command)
    case "Look":
      return yield* look(play, command)
    case "Append":
      return yield* append(play, command)
    case "Sweep":
      return yield* sweep(play, command.node)
    case "Pass":
      yield* TestClock.adjust(command.ms)
      return none
    case "PassTo":
      yield* passTo(play, command)
      return none
    default:
      return yield* others(play, command)
  }
})

/** Removes what ended a minute ago, on one node. */
const expire = Effect.fnUntraced(function*(play: Play) {
  const now = yield* Clock.currentTimeMillis
  yield* play.nodes.a.queue.sweep(all)
  yield* play.nodes.b.queue.expire(now - 60_000, all)
  play.model = Model.expire(play.model, now - 60_000, now)
})

/** Ends and removes what the sequence left, so that it does not slow the next ones. */
const clear = Effect.fnUntraced(function*({ nodes: { a }, runtimes }: Play) {
  yield* a.queue.runtimesDeleted(runtimes, all)
  yield* a.queue.expire((yield* Clock.currentTimeMillis) + 1, all)
})

/**
 * Runs the commands on the store and on the model and compares every answer; at the end also every record and log, on
 * both nodes. Returns the model's observations; fails with the first difference.
 */
export const compareTasks = Effect.fnUntraced(function*(nodes: TaskNodes, commands: ReadonlyArray<TaskCommand>) {
  const play: Play = {
    nodes,
    workspaces: [yield* freshWorkspace, yield* freshWorkspace],
    runtimes: yield* Effect.forEach(Array.from({ length: runtimeCount }), () => freshRuntime),
    daemons: yield* Effect.forEach(Array.from({ length: daemonCount }), () => freshDaemon),
    made: [],
    model: Model.empty
  }
  const seen: Array<unknown> = []
  const check = (step: number, command: unknown, { actual, expected }: Answers) => {
    seen.push(expected)
    return Equal.equals(actual, expected) ? Effect.void : new TaskDivergence({ step, command, expected, actual })
  }
  const singles = commands.flatMap(singlesOf)
  for (const [step, command] of singles.entries()) yield* check(step, command, yield* perform(play, command, step))
  yield* expire(play)
  for (const [back] of play.made.entries()) {
    for (const node of ["a", "b"] as const) {
      yield* check(singles.length, "find", yield* look(play, { _tag: "Look", node, made: back as 0, look: "find" }))
      yield* check(singles.length, "log", yield* look(play, { _tag: "Look", node, made: back as 0, look: "log" }))
    }
  }
  yield* clear(play)
  return seen
})
