import { onMachineClock } from "@muster/kit"
import { Deferred, Duration, Effect, Exit, Option } from "effect"
import { availableParallelism } from "node:os"
import { HeadBytes, TailBytes } from "./Bytes.ts"
import { type Ending, type ProcessTree, type SpawnOptions, spawnTree } from "./ProcessTree.ts"
import { sanitizeOutput } from "./sanitizeOutput.ts"
import { type SpawnFailed, startFailure } from "./Starter.ts"

export interface RunOptions extends SpawnOptions {
  /** How long the command may run. The call takes at most 1.7 s more: the time to drain the pipes or to end the tree. */
  readonly timeout: Duration.Input
  /** The limit of stdout, in bytes: the command is stopped at the first byte beyond it. Default 1 MiB. */
  readonly maxStdoutBytes?: number
  /** How many bytes of the end of stderr are kept; more does not stop the command. Default 4 KiB. */
  readonly maxStderrBytes?: number
  /** The command's stdin, which is then closed. Default: empty. */
  readonly stdin?: string
}

/** The outcome of a command. It ended by itself if neither `timedOut` nor `truncated` is true. */
export interface Outcome extends Ending {
  readonly stdout: string
  /** The end of its stderr, at most `maxStderrBytes`. */
  readonly stderr: string
  /** It wrote more than `maxStdoutBytes` and was stopped. */
  readonly truncated: boolean
  /** It ran longer than `timeout` and was stopped. */
  readonly timedOut: boolean
}

/** How long the pipes may stay open after the leader's end: another process holds them. */
const drain = Duration.seconds(1)

const stopped: Ending = { exitCode: null, signal: null }

const ended = (tree: ProcessTree) =>
  Effect.tap(tree.exited, () => onMachineClock(Effect.timeoutOption(tree.closed, drain)))

/**
 * Runs a command to its end, with limits on time and output. Its whole process tree has ended when the call returns, also after
 * a timeout, an overflow or an interruption. A non-zero exit is an outcome, not an error.
 */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  options: RunOptions
): Effect.Effect<Outcome, SpawnFailed> =>
  Effect.gen(function*() {
    const tree = yield* spawnTree(command, args, options)
    const stdout = new HeadBytes(options.maxStdoutBytes ?? 1024 * 1024)
    const stderr = new TailBytes(options.maxStderrBytes ?? 4096)
    const full = yield* Deferred.make<Ending>()
    tree.stderr.on("data", (chunk: Buffer) => stderr.push(chunk))
    tree.stdout.on("data", (chunk: Buffer) => {
      if (stdout.push(chunk)) return
      tree.stdout.pause()
      Deferred.doneUnsafe(full, Exit.succeed(stopped))
    })
    tree.stdin.end(options.stdin)
    const ending = yield* Effect.raceFirst(ended(tree), Deferred.await(full)).pipe(
      Effect.timeoutOption(options.timeout)
    )
    const notStarted = Option.isSome(ending) ? startFailure(command, ending.value, stderr.text()) : undefined
    if (notStarted !== undefined) return yield* notStarted
    return {
      ...Option.getOrElse(ending, () => stopped),
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: stdout.truncated,
      timedOut: Option.isNone(ending)
    }
  }).pipe(Effect.scoped)

/** "exit code 3", "signal SIGSEGV". */
export const describeEnding = (ending: Ending): string =>
  ending.signal === null ? `exit code ${ending.exitCode ?? "unknown"}` : `signal ${ending.signal}`

const withOutput = (sentence: string, output: string) => output === "" ? sentence : `${sentence}: ${output}`

/** Returns a time for people: "15 s", "0.2 s". */
export const seconds = (time: Duration.Input): string => `${Duration.toMillis(time) / 1000} s`

/** Returns why `what` (`"opencode models"`) failed, in one sentence that ends with the CLI's output, if it had any. */
export const describeFailure = (what: string, outcome: Outcome, bounds: Pick<RunOptions, "timeout">): string => {
  const output = sanitizeOutput(outcome.stderr) || sanitizeOutput(outcome.stdout)
  if (outcome.truncated) {
    return `${what} wrote more than it may and was stopped after ${outcome.stdout.length} characters`
  }
  if (outcome.timedOut) return withOutput(`${what} gave no answer within ${seconds(bounds.timeout)}`, output)
  if (outcome.exitCode === 0) return withOutput(`${what} printed nothing that can be read`, output)
  return withOutput(`${what} ended with ${describeEnding(outcome)}`, output)
}

/**
 * Returns how many CLIs run concurrently: one per core, between 2 and 8. A CLI uses a whole core for seconds to start, so
 * that more of them would slow each other down.
 */
export const cliConcurrency = (): number => Math.min(8, Math.max(2, availableParallelism()))
