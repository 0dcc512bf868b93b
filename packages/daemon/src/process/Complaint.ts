import { Duration } from "effect"
import type { Ending } from "./ProcessTree.ts"
import type { Outcome, RunOptions } from "./Run.ts"
import { ownWords } from "./Words.ts"

/** "exit code 3", "signal SIGSEGV". */
export const describeEnding = (ending: Ending): string =>
  ending.signal === null ? `exit code ${ending.exitCode ?? "unknown"}` : `signal ${ending.signal}`

const withWords = (sentence: string, words: string) => words === "" ? sentence : `${sentence}: ${words}`

/** A time for a person: "15 s", "0.2 s". */
export const seconds = (time: Duration.Input): string => `${Duration.toMillis(time) / 1000} s`

/** Why `what` (`"opencode models"`) came to nothing, in one sentence that ends in the CLI's own words, if it had any. */
export const complaint = (what: string, outcome: Outcome, bounds: Pick<RunOptions, "timeout">): string => {
  const words = ownWords(outcome.stderr) || ownWords(outcome.stdout)
  if (outcome.truncated) {
    return `${what} wrote more than it may and was stopped after ${outcome.stdout.length} characters`
  }
  if (outcome.timedOut) return withWords(`${what} gave no answer within ${seconds(bounds.timeout)}`, words)
  if (outcome.exitCode === 0) return withWords(`${what} printed nothing that can be read`, words)
  return withWords(`${what} ended with ${describeEnding(outcome)}`, words)
}
