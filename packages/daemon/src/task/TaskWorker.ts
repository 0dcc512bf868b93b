import { Api, Masks, type Runtime, Task } from "@muster/domain"
import { Conditions, finalizeWithin, supervised } from "@muster/kit"
import {
  Context,
  Deferred,
  Duration,
  Effect,
  FiberMap,
  Layer,
  Option,
  Random,
  Ref,
  Schedule,
  Schema,
  Scope
} from "effect"
import { MachineAccess } from "../client/MachineAccess.ts"
import { ServerReach } from "../client/ServerReach.ts"
import { type ClaimedWork, type HeldTask, type TaskEnd, type TaskOrder } from "../client/TaskServer.ts"
import { Intervals } from "../Intervals.ts"
import { StatusBoard } from "../local/StatusBoard.ts"
import { deliverReport } from "../request/SendReport.ts"
import { runtimesOf } from "../runtime/RuntimeState.ts"
import { TaskHints } from "../runtime/TaskHints.ts"
import { cliOf, environmentOf, makeAttemptDependencies, performAttempt } from "./Attempt.ts"
import { type AttemptLog, openLog, resendLog } from "./AttemptLog.ts"
import { type AttemptFiles, AttemptStore, type LeftAttempt } from "./AttemptStore.ts"
import { freeSlots, type Held, type HeldTasks, withoutTask, withPhase, withTask } from "./Held.ts"
import { ownerVariable, sweepMarked } from "./TaskMark.ts"
import { ownerOf } from "./TaskSettings.ts"

/** Between two claims without a hint, in ms. Source: `docs/protocol.md` 9.12. */
const pollEvery = 30_000

/** Between two looks at the held tasks where the server sends no hints of orders, in ms. Source: `docs/protocol.md` 9.11. */
const askEvery = 5_000

/** How long the end of the daemon may wait, in ms, for the ends of tasks after it has asked for them. */
const drainWithin = 4_000

/** Between two looks whether a task still runs while the daemon waits for that. */
const drainLook = Duration.millis(250)

const encodeEnd = Schema.encodeSync(Schema.fromJsonString(Api.SettleBody))
const decodeEnd = Schema.decodeUnknownOption(Schema.fromJsonString(Api.SettleBody))

const makeDependencies = Effect.gen(function*() {
  return {
    ...(yield* makeAttemptDependencies),
    store: yield* AttemptStore,
    reach: yield* ServerReach,
    conditions: yield* Conditions,
    hints: yield* TaskHints,
    intervals: yield* Intervals,
    machine: yield* MachineAccess,
    held: yield* Ref.make<HeldTasks>(new Map()),
    /** The runtimes whose earlier tasks the server has been told about. */
    reconciled: yield* Ref.make<ReadonlySet<Runtime.RuntimeId>>(new Set()),
    draining: yield* Ref.make(false),
    board: yield* StatusBoard,
    lives: yield* FiberMap.make<Task.TaskId, void, never>(),
    scope: yield* Scope.Scope
  }
})
type Dependencies = Effect.Success<typeof makeDependencies>

/** Delivers the log of an attempt, then the report of its end, until the server has both or wants neither. */
const deliver = Effect.fnUntraced(function*(
  { conditions, reach, server }: Dependencies,
  task: HeldTask,
  sent: Effect.Effect<unknown>,
  end: TaskEnd
) {
  yield* sent
  yield* server.settle(task, end).pipe(
    deliverReport({
      returned: reach.returned,
      onRetry: (error) => conditions.begin("task-ends", `cannot report the ends of tasks, retrying: ${error.message}`)
    }),
    Effect.tap(() => conditions.end("task-ends", "the ends of tasks are reported again")),
    Effect.catch((error) => Effect.logWarning(`the end of task ${task.id} was refused and is lost: ${error.message}`))
  )
})

/** Stores the report of the end, then delivers it. */
const report = Effect.fnUntraced(
  function*(deps: Dependencies, held: Held, log: AttemptLog, files: AttemptFiles, end: TaskEnd) {
    yield* files.putEnd(encodeEnd({ epoch: held.epoch, ...end })).pipe(
      Effect.catch(({ reason }) =>
        deps.conditions.begin(
          "task-ends:disk",
          `the ends of tasks are lost if the daemon stops now: cannot write ${deps.store.place} (${reason})`
        )
      )
    )
    yield* Effect.logInfo(`task ${held.id} ended: ${end.outcome.type}`)
    yield* deliver(deps, held, log.sent, end)
  }
)

const lost: TaskEnd = {
  outcome: {
    type: "failed",
    reason: "daemon_restarted",
    error: "its daemon was stopped while it started",
    result: null
  },
  usage: [],
  session: null
}

/** Gives a task back. Returns what to report if it turns out to have begun. */
const giveBack = ({ server }: Dependencies, held: Held) =>
  server.release(held).pipe(
    Effect.map(({ ok, status }) => ok || status === "superseded" ? Option.none() : Option.some(lost)),
    Effect.orElseSucceed(() => Option.none<TaskEnd>())
  )

/** What a held task goes through, from its acceptance until nothing of it is left on this machine. */
const live = Effect.fnUntraced(function*(deps: Dependencies, held: Held) {
  const { store } = deps
  const attempt = { id: held.id, epoch: held.epoch, runtimeId: held.task.runtimeId, workspaceId: held.task.workspaceId }
  const files = yield* store.open(attempt)
  const cli = yield* cliOf(deps, held.task)
  const masks = Masks.make(cli === undefined ? [] : environmentOf(deps, held, cli).secrets)
  const log = yield* openLog(held, files, masks)
  const phase = (next: "running" | "reporting") => Ref.update(deps.held, (all) => withPhase(all, held, next))
  const performed = yield* performAttempt(deps, held, log, masks, phase("running"))
  yield* log.end
  yield* phase("reporting")
  yield* deps.hints.hint
  const end = performed._tag === "Ended"
    ? Option.some(performed.end)
    : performed._tag === "Released"
    ? yield* giveBack(deps, held)
    : Option.none<TaskEnd>()
  if (Option.isSome(end)) yield* report(deps, held, log, files, end.value)
  yield* Effect.ignore(files.remove)
}, Effect.scoped)

/** A task whose files cannot be made goes back: another attempt may find room. */
const onNoDisk = (deps: Dependencies, held: Held) => ({ reason }: { readonly reason: string }) =>
  deps.conditions.begin("tasks:disk", `tasks are refused: cannot write ${deps.store.place} (${reason})`).pipe(
    Effect.andThen(Effect.ignore(deps.server.settle(held, {
      outcome: {
        type: "failed",
        reason: "no_disk",
        error: `the machine cannot store its log: ${reason}`,
        result: null
      },
      usage: [],
      session: null
    })))
  )

/** Takes on a claimed task, once per claim. */
const accept = Effect.fnUntraced(function*(deps: Dependencies, task: ClaimedWork) {
  const interruption = yield* Deferred.make<"cancel" | "stop" | "drain">()
  const before = yield* Ref.get(deps.held)
  const present = before.get(task.id)
  if (present?.epoch === task.epoch) return
  // A newer claim: what runs of the earlier one is over.
  if (present !== undefined) yield* FiberMap.remove(deps.lives, task.id)
  yield* Ref.update(deps.held, (all) => withTask(all, { id: task.id, epoch: task.epoch, task, interruption }))
  const held = (yield* Ref.get(deps.held)).get(task.id)
  if (held === undefined) return
  yield* Effect.logInfo(`task ${task.id} accepted`).pipe(
    Effect.annotateLogs({ runtime: task.runtimeId, attempt: task.attempt, slot: held.slot })
  )
  const life = live(deps, held).pipe(
    Effect.catch(onNoDisk(deps, held)),
    Effect.ensuring(Ref.update(deps.held, (all) => withoutTask(all, held))),
    Effect.ensuring(deps.hints.hint)
  )
  yield* FiberMap.run(deps.lives, task.id, life, { startImmediately: true })
})

const obey = Effect.fnUntraced(function*(deps: Dependencies, { epoch, id, order }: TaskOrder) {
  const held = (yield* Ref.get(deps.held)).get(id)
  if (held?.epoch === epoch) yield* Deferred.succeed(held.interruption, order)
})

/** Names the held tasks to the server and follows its orders. */
const beat = Effect.fnUntraced(function*(deps: Dependencies) {
  const held = [...(yield* Ref.get(deps.held)).values()].map(({ epoch, id }) => ({ id, epoch }))
  if (held.length === 0) return
  const orders = yield* deps.server.beat(held)
  yield* Effect.forEach(orders, (order) => obey(deps, order), { discard: true })
})

/**
 * Tells the server, before anything is claimed on a runtime, what this daemon still has of it. Returns the runtimes on which it
 * may claim.
 */
const reconcile = Effect.fnUntraced(function*(deps: Dependencies) {
  const own = runtimesOf(yield* deps.set.state).map(({ id }) => id)
  const known = yield* Ref.get(deps.reconciled)
  const fresh = own.filter((id) => !known.has(id))
  if (fresh.length === 0) return own
  const held = [...(yield* Ref.get(deps.held)).values()].map(({ epoch, id }) => ({ id, epoch }))
  const stop = yield* deps.server.inventory(fresh, held)
  yield* Effect.forEach(stop, (task) => obey(deps, { ...task, order: "stop" }), { discard: true })
  yield* Ref.set(deps.reconciled, new Set(own))
  return own
})

/** Claims what the free slots allow. Returns whether there may be more. */
const claim = Effect.fnUntraced(function*(deps: Dependencies) {
  const { held, server, set, settings } = deps
  const runtimeIds = yield* reconcile(deps)
  const max = Math.min(freeSlots(yield* Ref.get(held), settings.slots), Task.maxClaim)
  if (max === 0 || runtimeIds.length === 0 || (yield* Ref.get(deps.draining))) return false
  if ((deps.machine?.own()?.draining ?? null) !== null) return false
  const { gone, tasks } = yield* server.claim({ runtimeIds, max, slots: settings.slots })
  yield* Effect.forEach(gone, set.gone, { discard: true })
  if (yield* Ref.get(deps.draining)) {
    yield* Effect.forEach(tasks, (task) => Effect.ignore(server.release(task)), { discard: true })
    return false
  }
  yield* Effect.forEach(tasks, (task) => accept(deps, task), { discard: true })
  return tasks.length === max
})

/** Waits until there is a runtime that the server has not been told about. */
const newRuntime = Effect.fnUntraced(function*({ reconciled, set }: Dependencies) {
  const known = yield* Ref.get(reconciled)
  yield* set.until((state) => runtimesOf(state).some(({ id }) => !known.has(id)))
})

/** Runs a call of the loop; a failed one is repeated by a later round. */
const quiet = <A, R>(call: Effect.Effect<A, { readonly message: string }, R>) =>
  Effect.asSome(call).pipe(
    Effect.catch(({ message }) => Effect.as(Effect.logDebug(`tasks: ${message}`), Option.none<A>()))
  )

/** One round: a beat of the held tasks beside a claim. Returns after the pause before the next one, which hints end. */
const round = Effect.fnUntraced(function*(deps: Dependencies) {
  const [, claimed] = yield* Effect.all([quiet(beat(deps)), quiet(claim(deps))], { concurrency: 2 })
  if (Option.getOrElse(claimed, () => false)) return
  const every = (yield* Ref.get(deps.held)).size > 0 ? Math.min(deps.intervals.beat, pollEvery) : pollEvery
  const pause = Effect.sleep(Duration.millis(every * (0.75 + (yield* Random.next) / 2)))
  const waits = [deps.hints.next, pause]
  // After a failure a new runtime is not told about at once: the server does not answer.
  yield* Effect.raceAllFirst(Option.isSome(claimed) ? [...waits, newRuntime(deps)] : waits)
})

/** One look at the held tasks, beside the rounds, where orders are only known by asking. */
const ask = Effect.fnUntraced(function*(deps: Dependencies) {
  yield* Effect.sleep(Duration.millis(askEvery))
  if (yield* deps.server.mustAsk) yield* quiet(beat(deps))
})

/** What an earlier process left: a report is delivered; what never ended has lost its attempt, and only its log is sent. */
const resume = Effect.fnUntraced(function*(deps: Dependencies, { attempt, end, files }: LeftAttempt) {
  const report = Option.flatMap(end, (text) => decodeEnd(text))
  const work = Effect.gen(function*() {
    const sent = yield* resendLog(attempt, files)
    if (Option.isSome(report)) {
      const { epoch: _, ...reported } = report.value
      yield* deliver(deps, attempt, sent, reported)
    } else yield* sent
    yield* Effect.ignore(files.remove)
  }).pipe(Effect.scoped, Effect.ensuring(Ref.update(deps.held, (all) => withoutTask(all, attempt))))
  if (Option.isSome(report)) {
    yield* Ref.update(deps.held, (all) =>
      withPhase(
        withTask(all, {
          id: attempt.id,
          epoch: attempt.epoch,
          task: {
            ...attempt,
            attempt: 0,
            prompt: "",
            folder: null,
            model: null,
            policy: "none",
            session: null,
            token: null
          },
          interruption: Deferred.makeUnsafe()
        }),
        attempt,
        "reporting"
      ))
  }
  yield* FiberMap.run(deps.lives, attempt.id, work)
})

/** Ends the held tasks in these phases, because the daemon stops. */
const endHeld = Effect.fnUntraced(function*({ held }: Dependencies, phases: ReadonlyArray<Held["phase"]>) {
  const ended = [...(yield* Ref.get(held)).values()].filter(({ phase }) => phases.includes(phase))
  yield* Effect.forEach(ended, ({ interruption }) => Deferred.succeed(interruption, "drain"), { discard: true })
})

/** Waits until no task runs. */
const noneRuns = ({ held }: Dependencies) =>
  Effect.repeat(Ref.get(held), {
    until: (all) => [...all.values()].every(({ phase }) => phase !== "running"),
    schedule: Schedule.spaced(drainLook)
  })

/**
 * The end of the daemon: nothing is claimed, what has not begun goes back, running tasks have `drainTasks` to end, then their
 * agents are ended. The loop of the beats goes on meanwhile, so that a task can still be canceled.
 */
const drain = Effect.fnUntraced(function*(deps: Dependencies) {
  const { board, held, lives, settings: { drainTasks } } = deps
  yield* Ref.set(deps.draining, true)
  yield* endHeld(deps, ["preparing"])
  const running = [...(yield* Ref.get(held)).values()].filter(({ phase }) => phase === "running").length
  if (drainTasks > 0 && running > 0) {
    yield* Effect.logInfo(`the daemon stops after its ${running} running tasks, in at most ${drainTasks} s`)
    yield* Effect.raceAllFirst([noneRuns(deps), board.hurried, Effect.sleep(Duration.seconds(drainTasks))])
  }
  yield* endHeld(deps, ["preparing", "running", "reporting"])
  yield* Effect.timeoutOption(FiberMap.awaitEmpty(lives), drainWithin)
})

/** A task that the daemon has. */
export interface TaskStatus {
  readonly id: Task.TaskId
  readonly runtimeId: Runtime.RuntimeId
  readonly slot: number
  readonly phase: Held["phase"]
}

/** Claims tasks, runs their agents and reports on them. */
export class TaskWorker extends Context.Service<TaskWorker, {
  readonly tasks: Effect.Effect<ReadonlyArray<TaskStatus>>
}>()("@muster/daemon/task/TaskWorker") {
  /** Takes no tasks. */
  static readonly layerNone = Layer.succeed(this, { tasks: Effect.succeed([]) })

  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const deps = yield* makeDependencies
      // Before anything is claimed: what an earlier process of this daemon left running.
      const left = yield* sweepMarked(`${ownerVariable}=${ownerOf(deps.settings)}`)
      if (left > 0) yield* Effect.logWarning(`${left} processes of earlier tasks could not be ended`)
      yield* Effect.forEach(yield* deps.store.left, (one) => resume(deps, one), { discard: true })
      yield* Effect.forkScoped(supervised("tasks", round(deps)))
      yield* Effect.forkScoped(supervised("orders", ask(deps)))
      // Added last, so it runs first: the loops go on while it waits.
      yield* finalizeWithin(deps.settings.drainTasks * 1_000 + 2 * drainWithin, drain(deps))
      return TaskWorker.of({
        tasks: Effect.map(
          Ref.get(deps.held),
          (held) =>
            [...held.values()].map(({ id, phase, slot, task }) => ({ id, phase, slot, runtimeId: task.runtimeId }))
        )
      })
    })
  )
}
