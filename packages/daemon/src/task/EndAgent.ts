import { onMachineClock } from "@muster/kit"
import { Duration, Effect, Option } from "effect"
import { signalGroup } from "../process/ProcessGroup.ts"
import { findMarked, type Mark, signalMarked, sweepMarked } from "./TaskMark.ts"

/** How long each step of the end waits for the next one, in ms. */
export interface LadderTimes {
  /** After the protocol's own cancel. */
  readonly cancel: number
  /** After the end of its stdin. */
  readonly input: number
  /** After SIGTERM. */
  readonly terminate: number
}

/** For a task that a person canceled: at most 15 s with the sweep. */
export const cancelTimes: LadderTimes = { cancel: 5_000, input: 2_000, terminate: 5_000 }
/** For a daemon that stops: its supervisor may kill it after 5 s. */
export const drainTimes: LadderTimes = { cancel: 1_000, input: 300, terminate: 700 }

/** What the end of an agent needs of its session. */
export interface EndingAgent {
  readonly mark: Mark
  /** The leader of its process group. */
  readonly pid: number
  /** Asks it by its protocol to end the turn; returns at once. */
  readonly cancel: Effect.Effect<void>
  /** Closes its stdin. */
  readonly endInput: Effect.Effect<void>
  /** Completes when the turn is over. */
  readonly turnEnded: Effect.Effect<unknown>
  /** Completes when the leader ended. */
  readonly exited: Effect.Effect<unknown>
}

/** The step that ended the agent. */
export type LadderStep = "cancel" | "input" | "terminate" | "kill"

const within = (wait: Effect.Effect<unknown>, ms: number) =>
  Effect.map(Effect.timeoutOption(wait, Duration.millis(ms)), Option.isSome)

/** Signals the group of the leader and every process with the mark. */
const signal = ({ mark, pid }: EndingAgent, name: NodeJS.Signals) =>
  Effect.sync(() => {
    signalGroup(pid, name)
    signalMarked(mark, name)
  })

/** How long a leader that was told to end may take where nothing else of the task runs, in ms. */
const nothingLeft = (mark: Mark) => Effect.sync(() => findMarked(mark).length === 0)

/**
 * Ends an agent: by its protocol, by the end of its stdin, by SIGTERM, by SIGKILL, each step when the one before did not do in
 * its time; then kills what is left of the task until nothing bears its mark. The times run from the call, whatever is asked
 * meanwhile. Returns the step that ended the leader, and how many processes are left.
 */
export const endAgent = (
  agent: EndingAgent,
  times: LadderTimes
): Effect.Effect<{ readonly step: LadderStep; readonly left: number }> =>
  Effect.gen(function*() {
    yield* agent.cancel
    const turnEnded = yield* within(agent.turnEnded, times.cancel)
    yield* agent.endInput
    let step: LadderStep = "kill"
    if (yield* within(agent.exited, times.input)) step = turnEnded ? "cancel" : "input"
    else {
      yield* signal(agent, "SIGTERM")
      if (yield* within(agent.exited, times.terminate)) step = "terminate"
      else yield* signal(agent, "SIGKILL")
    }
    return { step, left: yield* sweepMarked(agent.mark) }
  }).pipe(onMachineClock)

/** How long an agent may take to end after its turn, in ms: agents save their session. */
const leave = 5_000

/**
 * Ends an agent whose turn is over: closes its stdin, waits at most 5 s for its exit, then kills what is left of the task. A
 * process that holds the agent's pipes delays nothing.
 */
export const dismissAgent = (agent: Pick<EndingAgent, "mark" | "endInput" | "exited">): Effect.Effect<number> =>
  agent.endInput.pipe(
    Effect.andThen(within(agent.exited, leave)),
    Effect.andThen(nothingLeft(agent.mark)),
    Effect.flatMap((none) => none ? Effect.succeed(0) : sweepMarked(agent.mark)),
    onMachineClock
  )
