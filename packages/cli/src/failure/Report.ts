import { Cause, Console, Effect, Option } from "effect"
import * as CliError from "effect/cli/CliError"
import { jsonText, printable } from "../output/Text.ts"
import { Failure } from "./Failure.ts"

/** Turns a message of the CLI library, which can span several lines, into one sentence. */
const sentenceOf = (message: string) =>
  message.replace(/\s*\n\s*Did you mean this\?\s*/, "; did you mean: ").trim().replaceAll(/\s*\n\s*/g, ", ")

/** Rewrites the library's notation of what it expects ("a" | "b") for people. */
const expectedText = (expected: string) =>
  sentenceOf(expected).replace(/^Expected:? /, "").replace(/^"[^"]*"(?: \| "[^"]*")+/, (choices) => {
    const words = choices.split(" | ").map((word) => word.slice(1, -1))
    return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`
  })

/** Matches the error of a variable with an invalid value: the library names the flag, and the variable only in here. */
const fromVariable = /^SchemaError\((.*), at \["([^"]+)"\]\)$/s

const invalidValue = ({ expected, kind, option, value }: CliError.InvalidValue) => {
  const [, inner, variable] = fromVariable.exec(sentenceOf(expected)) ?? []
  if (variable !== undefined) {
    return `the variable ${variable} has a value that is not accepted: use ${expectedText(inner!)}`
  }
  const name = kind === "flag" ? `--${option.replace(/^-+/, "")}` : `<${option}>`
  return `${name} does not accept "${value}": use ${expectedText(expected)}`
}

const usageSentence = (error: CliError.CliError) =>
  error._tag === "InvalidValue" ? invalidValue(error) : sentenceOf(error.message)

const usage = (errors: ReadonlyArray<CliError.CliError>, commandPath: ReadonlyArray<string>) =>
  new Failure({
    class: "usage",
    code: "usage",
    sentence: errors.map(usageSentence).join("; "),
    next: `see the usage: ${commandPath.join(" ")} --help`
  })

const bug = (error: unknown) =>
  new Failure({
    class: "other",
    code: "bug",
    sentence: `muster has a bug: ${sentenceOf(error instanceof Error ? error.message : String(error))}`,
    next: "run it again with --log-level debug and report the output"
  })

/** Returns the failure to report for the cause with which a command ended. */
export const toFailure = (cause: Cause.Cause<unknown>): Failure => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error instanceof Failure) return error
  if (CliError.isCliError(error)) {
    return error._tag === "ShowHelp" ? usage(error.errors, error.commandPath) : usage([error], ["muster"])
  }
  return bug(Cause.squash(cause))
}

/** The JSON document that describes a failure. */
const failureDocument = (failure: Failure) => ({
  error: failure.sentence,
  code: failure.code,
  exit_code: failure.exitCode,
  next: failure.next,
  ...failure.details
})

/**
 * Reports a failure: one sentence and one next step on stderr and, with `--json`, also one document on stdout.
 */
export const report = (failure: Failure, json: boolean): Effect.Effect<void> =>
  Effect.gen(function*() {
    if (json && failure.isDocumented !== true) yield* Console.log(jsonText(failureDocument(failure)))
    yield* Console.error(`error: ${printable(failure.sentence)}\nnext:  ${printable(failure.next)}`)
  })
