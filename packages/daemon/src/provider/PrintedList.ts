import { Effect } from "effect"
import { stripVTControlCharacters } from "node:util"
import { describeFailure } from "../process/Run.ts"
import { calledAs, type Invocation, runCli, timeoutOf } from "./Invocation.ts"
import { liveCatalog, type ModelCatalog, ModelDiscoveryFailed, type ToldModel } from "./ModelCatalog.ts"

/** Returns the columns of a printed line, separated by white space. */
export const columns = (line: string): ReadonlyArray<string> => line.trim().split(/\s+/)

const lines = (text: string) => stripVTControlCharacters(text).split(/\r?\n/)

/** The last line of a CLI that was ended by a signal may be incomplete. */
const complete = (text: string, killed: boolean) => killed ? text.slice(0, text.lastIndexOf("\n") + 1) : text

/**
 * Returns the models that a CLI prints, one per line, as `read` finds them; other lines are ignored.
 *
 * A list counts with any exit code. No output with exit code 0 is an empty list; any other output without a model is a failure
 * with that output. `streams`: where the list may be.
 */
export const printedList = (
  call: Invocation,
  read: (line: string) => ToldModel | undefined,
  streams: "stdout" | "either" = "stdout"
): Effect.Effect<ModelCatalog, ModelDiscoveryFailed> =>
  Effect.flatMap(runCli(call), (outcome) => {
    const failed = Effect.suspend(() =>
      Effect.fail(
        new ModelDiscoveryFailed({
          provider: call.provider,
          verdict: outcome.timedOut ? "slow" : "unable",
          message: describeFailure(calledAs(call), outcome, { timeout: timeoutOf(call) })
        })
      )
    )
    if (outcome.timedOut || outcome.truncated) return failed
    const killed = outcome.signal !== null
    const find = (text: string) => lines(complete(text, killed)).flatMap((line) => read(line) ?? [])
    const onStdout = find(outcome.stdout)
    const told = onStdout.length > 0 || streams === "stdout" ? onStdout : find(outcome.stderr)
    if (told.length > 0) return Effect.succeed(liveCatalog(told))
    const silent = outcome.exitCode === 0 && outcome.stdout.trim() === "" &&
      (streams === "stdout" || outcome.stderr.trim() === "")
    return silent ? Effect.succeed(liveCatalog([])) : failed
  })
