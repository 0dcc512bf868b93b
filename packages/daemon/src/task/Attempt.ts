import type { Masks, Task } from "@muster/domain"
import { Deferred, Effect, Fiber, Option, Ref, Schedule } from "effect"
import { FileSystem } from "effect/FileSystem"
import type { AgentDriver, AgentEvent, AgentFailed, AgentSession, TurnEnd } from "../agent/AgentDriver.ts"
import { driverOf } from "../agent/drivers.ts"
import { type ClaimedWork, type TaskEnd, TaskServer } from "../client/TaskServer.ts"
import { SleepWatch } from "../clock/SleepWatch.ts"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { sendReport } from "../request/SendReport.ts"
import type { Cli } from "../runtime/Clis.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import { runtimeOf } from "../runtime/RuntimeState.ts"
import { agentEnvironment } from "./AgentEnvironment.ts"
import type { AttemptLog } from "./AttemptLog.ts"
import { cancelTimes, dismissAgent, drainTimes, endAgent } from "./EndAgent.ts"
import type { Held, Interruption } from "./Held.ts"
import { providerReason } from "./providerReason.ts"
import { listedFolders, resolveFolder } from "./TaskFolders.ts"
import { markOf, ownerVariable, sweepMarked, taskVariable } from "./TaskMark.ts"
import { ownerOf, ownFolder, TaskSettings } from "./TaskSettings.ts"
import { emptySummary, resultOf, type TurnSummary, usageOf, withEvent } from "./TurnSummary.ts"
import { makeWatchdog, type Watchdog, watchdogLimits, type WatchdogReason } from "./Watchdog.ts"

/** What came of an attempt. */
export type Performed =
  | { readonly _tag: "Ended"; readonly end: TaskEnd }
  /** It was not started, and another daemon or a later claim may do so. */
  | { readonly _tag: "Released" }
  /** The claim is over: nothing is reported. */
  | { readonly _tag: "Dropped" }

/** What the attempts of a daemon share. */
export const makeAttemptDependencies = Effect.gen(function*() {
  return {
    server: yield* TaskServer,
    settings: yield* TaskSettings,
    set: yield* RuntimeSet,
    fs: yield* FileSystem,
    host: yield* HostEnvironment,
    sleep: yield* SleepWatch,
    limits: watchdogLimits
  }
})
export type AttemptDependencies = Effect.Success<typeof makeAttemptDependencies>

/** An attempt that is under way. */
interface Running {
  readonly deps: AttemptDependencies
  readonly held: Held
  readonly log: AttemptLog
  readonly masks: Masks.Masks
  readonly summary: Ref.Ref<TurnSummary>
}

/** What the agent is started with. */
interface Prepared {
  readonly driver: AgentDriver
  readonly cli: Cli
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
}

/** The time between two renewals of the lease of a task that is prepared. */
const renewal = "15 seconds"

const failure = (reason: Task.Reason, error: string): Performed => ({
  _tag: "Ended",
  end: { outcome: { type: "failed", reason, error, result: null }, usage: [], session: null }
})

/** An attempt that cannot start, and why. */
class Unstartable {
  readonly reason: Task.Reason
  readonly error: string
  constructor(reason: Task.Reason, error: string) {
    this.reason = reason
    this.error = error
  }
}

const folderOf = Effect.fnUntraced(function*({ fs, settings }: AttemptDependencies, task: ClaimedWork) {
  if (task.folder === null) {
    const own = ownFolder(settings, task.place ?? task.id)
    return yield* fs.makeDirectory(own, { recursive: true, mode: 0o700 }).pipe(
      Effect.as(own),
      Effect.mapError(() => new Unstartable("no_disk", "its folder cannot be made on the machine's disk"))
    )
  }
  const listed = yield* listedFolders(settings.dataDir, settings.folders)
  return yield* Effect.mapError(
    resolveFolder(task.folder, listed),
    ({ message }) => new Unstartable("folder_refused", message)
  )
})

/** The environment of the agent, and what must not appear in its log. */
export const environmentOf = ({ host, settings }: AttemptDependencies, held: Held, cli: Cli) =>
  agentEnvironment({
    host,
    path: cli.path,
    listed: settings.agentVariables,
    own: {
      MUSTER_SERVER_URL: settings.serverUrl,
      [taskVariable]: markOf(held),
      [ownerVariable]: ownerOf(settings),
      MUSTER_TASK_SLOT: `${held.slot}`,
      ...(held.task.token !== null && { MUSTER_TASK_TOKEN: held.task.token })
    } as never
  })

/** The CLI of the task's runtime; undefined: it is not on this machine any more. */
export const cliOf = Effect.fnUntraced(function*({ set }: AttemptDependencies, task: ClaimedWork) {
  const state = yield* set.state
  const runtime = runtimeOf(state, task.runtimeId)
  return runtime === undefined ? undefined : state.clis.get(runtime.provider)
})

const prepare = Effect.fnUntraced(function*({ deps, held }: Running) {
  const cli = yield* cliOf(deps, held.task)
  if (cli === undefined) {
    return yield* Effect.fail(new Unstartable("agent_missing", "its agent CLI is no longer on this machine"))
  }
  const driver = driverOf(cli.provider)
  if (driver === undefined) {
    return yield* Effect.fail(
      new Unstartable("agent_missing", `this version of Muster cannot give work to ${cli.provider}`)
    )
  }
  const folder = yield* folderOf(deps, held.task).pipe(Effect.provideService(FileSystem, deps.fs))
  return { driver, cli, folder, env: environmentOf(deps, held, cli).env } satisfies Prepared
})

/** Runs the preparation under a lease. */
const leased = <A, E>({ deps, held }: Running, work: Effect.Effect<A, E>) =>
  Effect.raceFirst(
    work,
    Effect.andThen(
      Effect.sleep(renewal),
      Effect.repeat(Effect.ignore(deps.server.renew(held)), Schedule.spaced(renewal))
    ).pipe(Effect.andThen(Effect.never))
  )

/** Tells the server that the agent starts. Fails with what came of the attempt if it may not. */
const begin = Effect.fnUntraced(function*({ deps, held }: Running) {
  const released: Performed = { _tag: "Released" }
  const reply = yield* sendReport(deps.server.begin(held)).pipe(Effect.mapError(() => released))
  if (reply.ok) return
  return yield* Effect.fail(reply.status === "cancelling" ? ended({ type: "cancelled", result: null }) : dropped)
})

const dropped: Performed = { _tag: "Dropped" }

const ended = (outcome: TaskEnd["outcome"]): Performed => ({
  _tag: "Ended",
  end: { outcome, usage: [], session: null }
})

/** What an interruption before the agent's start comes to. */
const interruptedEarly = (interruption: Interruption): Performed =>
  interruption === "cancel"
    ? ended({ type: "cancelled", result: null })
    : interruption === "stop"
    ? dropped
    : { _tag: "Released" }

const onEvent = ({ log, summary }: Running, watchdog: Watchdog) => (event: AgentEvent) =>
  Effect.all([Ref.update(summary, (sum) => withEvent(sum, event)), watchdog.event(event), log.push(event)], {
    discard: true
  })

/** Why an attempt is over. */
type Cause =
  | { readonly _tag: "Turn"; readonly end: TurnEnd }
  | { readonly _tag: "Died"; readonly error: AgentFailed }
  | { readonly _tag: "Interrupted"; readonly by: Interruption }
  | { readonly _tag: "Watchdog"; readonly reason: WatchdogReason }

const reasons: Record<Exclude<AgentFailed["reason"], "refused">, Task.Reason> = {
  missing: "agent_missing",
  start: "agent_start",
  died: "agent_died",
  protocol: "protocol_error",
  auth: "provider_auth"
}

const reasonOf = ({ message, reason }: AgentFailed): Task.Reason =>
  reason === "refused" ? providerReason(message) : reasons[reason]

const watchdogTexts: Record<WatchdogReason, string> = {
  start_timeout: "the agent did not open a session within 3 minutes",
  first_event_timeout: "the agent showed nothing for 5 minutes after the prompt",
  idle_timeout: "the agent showed nothing for 30 minutes",
  tool_timeout: "one call of a tool took longer than 2 hours"
}

/** What an attempt that is over is reported as. */
const outcomeOf = (cause: Cause, result: ReturnType<typeof resultOf>): TaskEnd["outcome"] | undefined => {
  const failed = (reason: Task.Reason, error: string) => ({ type: "failed", reason, error, result }) as const
  switch (cause._tag) {
    case "Turn":
      switch (cause.end.stop) {
        case "end":
          return { type: "completed", result }
        case "refusal":
          return failed("agent_refused", cause.end.message ?? "the model refused to go on")
        case "max_tokens":
        case "max_turns":
          return failed("iteration_limit", cause.end.message ?? "the agent reached a limit of its own")
        case "cancelled":
          return failed(
            "agent_error",
            cause.end.message ?? "the agent says that its turn was canceled; nobody did so here"
          )
        case "error":
          return failed(
            providerReason(cause.end.message ?? ""),
            cause.end.message ?? "the agent reported an error"
          )
      }
    case "Died":
      return failed(reasonOf(cause.error), cause.error.message)
    case "Watchdog":
      return failed(cause.reason, watchdogTexts[cause.reason])
    case "Interrupted":
      return cause.by === "stop"
        ? undefined
        : cause.by === "cancel"
        ? { type: "cancelled", result }
        : failed("daemon_restarted", "its daemon was stopped while it ran")
  }
}

/** Ends the agent as the cause requires; nothing of the task runs afterwards. */
const dismiss = Effect.fnUntraced(function*(
  { held, log }: Running,
  session: AgentSession,
  turn: Fiber.Fiber<TurnEnd, AgentFailed>,
  cause: Cause
) {
  const mark = `${taskVariable}=${markOf(held)}`
  const agent = { ...session, mark, turnEnded: Fiber.await(turn) }
  if (cause._tag === "Turn" || cause._tag === "Died") {
    yield* dismissAgent(agent)
    return
  }
  const times = cause._tag === "Interrupted" && cause.by !== "cancel" ? drainTimes : cancelTimes
  const { left, step } = yield* endAgent(agent, times)
  if (step === "kill") yield* log.add({ kind: "notice", text: "the agent did not end when asked and was killed" })
  if (left > 0) yield* log.add({ kind: "error", text: `${left} processes of this task could not be ended` })
})

/** Tells the server the session, so that a later attempt goes on with it even if this daemon crashes. */
const pin = ({ deps, held }: Running, session: AgentSession, folder: string) =>
  Effect.flatMap(
    session.sessionId,
    Option.match({
      onNone: () => Effect.void,
      onSome: (id) => Effect.ignore(sendReport(deps.server.pin(held, { id, folder })))
    })
  )

/** One turn of a session, until it ends or has to. */
const converse = Effect.fnUntraced(function*(
  running: Running,
  session: AgentSession,
  watchdog: Watchdog
) {
  const { held, log } = running
  yield* log.add({ kind: "turn", phase: "begin", number: 1 })
  yield* watchdog.prompted
  const turn = yield* Effect.forkScoped(session.prompt(held.task.prompt))
  const cause = yield* Effect.raceAllFirst([
    Fiber.join(turn).pipe(
      Effect.map((end): Cause => ({ _tag: "Turn", end })),
      Effect.catch((error) => Effect.succeed<Cause>({ _tag: "Died", error }))
    ),
    Effect.map(Deferred.await(held.interruption), (by): Cause => ({ _tag: "Interrupted", by })),
    Effect.map(watchdog.passed, (reason): Cause => ({ _tag: "Watchdog", reason }))
  ])
  yield* dismiss(running, session, turn, cause)
  const stopReason = cause._tag === "Turn" ? cause.end.stop : cause._tag === "Interrupted" ? "cancelled" : "error"
  yield* log.add({ kind: "turn", phase: "end", number: 1, stopReason })
  return { cause, stopReason }
})

/** Starts the agent. Fails with what came of the attempt if it does not start, or has to end before it did. */
const startAgent = Effect.fnUntraced(function*(running: Running, prepared: Prepared, watchdog: Watchdog) {
  const { deps, held } = running
  const { task } = held
  const start = prepared.driver.start({
    cli: { path: prepared.cli.path, host: deps.host },
    cwd: prepared.folder,
    env: prepared.env,
    permissions: task.policy,
    ...(task.model !== null && { model: task.model }),
    ...(task.session !== null && { session: task.session })
  }, onEvent(running, watchdog))
  return yield* Effect.raceAllFirst([
    start.pipe(Effect.mapError((error) => failure(reasonOf(error), error.message))),
    Effect.flatMap(Deferred.await(held.interruption), (by) =>
      Effect.fail(
        by === "drain" ? failure("daemon_restarted", "its daemon was stopped while it started") : interruptedEarly(by)
      )),
    Effect.flatMap(watchdog.passed, (reason) => Effect.fail(failure(reason, watchdogTexts[reason])))
  ])
})

/** The agent's part of an attempt, from its start to the last process. */
const work = (running: Running, prepared: Prepared): Effect.Effect<Performed, Performed> =>
  Effect.gen(function*() {
    const { deps, held, log, masks } = running
    const watchdog = yield* makeWatchdog(deps.limits)
    const session = yield* startAgent(running, prepared, watchdog)
    yield* log.add({
      kind: "attempt",
      number: held.task.attempt,
      provider: prepared.cli.provider,
      version: prepared.cli.version.slice(0, 256),
      model: held.task.model,
      folder: prepared.folder,
      policy: held.task.policy,
      resumed: session.resumed
    })
    if (held.task.session !== null && !session.resumed) {
      yield* log.add({ kind: "notice", text: "the agent's earlier session is gone: it starts without its memory" })
    }
    yield* Effect.forkScoped(pin(running, session, prepared.folder))
    const { cause, stopReason } = yield* converse(running, session, watchdog)
    const sessionId = yield* session.sessionId
    const summary = yield* Ref.get(running.summary)
    const outcome = outcomeOf(cause, resultOf(summary, stopReason, masks.text))
    if (outcome === undefined) return dropped
    return {
      _tag: "Ended",
      end: {
        outcome,
        usage: usageOf(prepared.cli.provider, summary),
        session: Option.match(sessionId, {
          onNone: () => null,
          onSome: (id) => ({ id, folder: prepared.folder })
        })
      }
    } satisfies Performed
  }).pipe(
    Effect.scoped,
    Effect.ensuring(sweepMarked(`${taskVariable}=${markOf(running.held)}`)),
    Effect.provideService(SleepWatch, running.deps.sleep)
  )

/**
 * Runs one attempt from its preparation to the end of its last process. Nothing is reported here. Without the task's own
 * credential, where the server issues them, it does not start.
 */
export const performAttempt = Effect.fn("Daemon.attempt")(function*(
  deps: AttemptDependencies,
  held: Held,
  log: AttemptLog,
  masks: Masks.Masks,
  onStarted: Effect.Effect<void>
): Effect.fn.Return<Performed, never, never> {
  const running: Running = { deps, held, log, masks, summary: yield* Ref.make(emptySummary) }
  const preparation = leased(running, prepare(running)).pipe(
    Effect.mapError(({ error, reason }) => failure(reason, error)),
    Effect.tap(() => begin(running))
  )
  return yield* Effect.raceFirst(
    preparation,
    Effect.flatMap(Deferred.await(held.interruption), (by) => Effect.fail(interruptedEarly(by)))
  ).pipe(
    Effect.tap(() => onStarted),
    Effect.flatMap((prepared) => work(running, prepared)),
    Effect.catch((performed) => Effect.succeed(performed))
  )
})
