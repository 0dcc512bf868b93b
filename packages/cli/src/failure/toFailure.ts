import { Cause, Option } from "effect"
import * as CliError from "effect/cli/CliError"
import { Failure } from "./Failure.ts"

/** The library's messages span several lines; a sentence does not. */
const sentenceOf = (message: string) =>
  message.replace(/\s*\n\s*Did you mean this\?\s*/, "; did you mean: ").trim().replaceAll(/\s*\n\s*/g, ", ")

const usage = (errors: ReadonlyArray<CliError.CliError>, commandPath: ReadonlyArray<string>) =>
  new Failure({
    class: "usage",
    code: "usage",
    sentence: errors.map(({ message }) => sentenceOf(message)).join("; "),
    next: `see how it is used: ${commandPath.join(" ")} --help`
  })

const bug = (error: unknown) =>
  new Failure({
    class: "other",
    code: "bug",
    sentence: `muster met a bug of its own: ${sentenceOf(error instanceof Error ? error.message : String(error))}`,
    next: "run it again with --log-level debug and report what it says"
  })

/** Whatever a command ended with, as the one error that is shown. */
export const toFailure = (cause: Cause.Cause<unknown>): Failure => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error instanceof Failure) return error
  if (CliError.isCliError(error)) {
    return error._tag === "ShowHelp" ? usage(error.errors, error.commandPath) : usage([error], ["muster"])
  }
  return bug(Cause.squash(cause))
}
