import { Duration } from "effect"
import type { Ending } from "./ProcessTree.ts"
import type { Outcome, RunOptions } from "./Run.ts"
import { sanitizeOutput } from "./sanitizeOutput.ts"

/** "exit code 3", "signal SIGSEGV". */
export const describeEnding = (ending: Ending): string =>
  ending.signal === null ? `exit code ${ending.exitCode ?? "unknown"}` : `signal ${ending.signal}`

const withOutput = (sentence: string, output: string) => output === "" ? sentence : `${sentence}: ${output}`

/** A time for a person: "15 s", "0.2 s". */
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
