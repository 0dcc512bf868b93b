import { Cause, Console, Effect, Option } from "effect"
import * as CliError from "effect/cli/CliError"
import { jsonText, printable } from "../output/Text.ts"
import { Failure } from "./Failure.ts"

/** The library's messages span several lines; a sentence does not. */
const sentenceOf = (message: string) =>
  message.replace(/\s*\n\s*Did you mean this\?\s*/, "; did you mean: ").trim().replaceAll(/\s*\n\s*/g, ", ")

/** What the library expects, in the words of a person: its quotes and bars are its own notation. */
const expectedWords = (expected: string) =>
  sentenceOf(expected).replace(/^Expected:? /, "").replace(/^"[^"]*"(?: \| "[^"]*")+/, (choices) => {
    const words = choices.split(" | ").map((word) => word.slice(1, -1))
    return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`
  })

/** A variable whose value cannot be read: the library names its flag, and keeps the variable in a schema's error. */
const fromVariable = /^SchemaError\((.*), at \["([^"]+)"\]\)$/s

const invalidValue = ({ expected, kind, option, value }: CliError.InvalidValue) => {
  const [, inner, variable] = fromVariable.exec(sentenceOf(expected)) ?? []
  if (variable !== undefined) {
    return `the variable ${variable} has a value that is not accepted: use ${expectedWords(inner!)}`
  }
  const name = kind === "flag" ? `--${option.replace(/^-+/, "")}` : `<${option}>`
  return `${name} does not accept "${value}": use ${expectedWords(expected)}`
}

const usageSentence = (error: CliError.CliError) =>
  error._tag === "InvalidValue" ? invalidValue(error) : sentenceOf(error.message)

const usage = (errors: ReadonlyArray<CliError.CliError>, commandPath: ReadonlyArray<string>) =>
  new Failure({
    class: "usage",
    code: "usage",
    sentence: errors.map(usageSentence).join("; "),
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

/** The JSON document that stands for a failure on stdout. */
export const failureDocument = (failure: Failure) => ({
  error: failure.sentence,
  code: failure.code,
  exit_code: failure.exitCode,
  next: failure.next,
  ...failure.details
})

/**
 * Says what failed: on stderr one sentence and one line with what to do next; with `--json` also one document on stdout.
 */
export const report = (failure: Failure, json: boolean): Effect.Effect<void> =>
  Effect.gen(function*() {
    if (json) yield* Console.log(jsonText(failureDocument(failure)))
    yield* Console.error(`error: ${printable(failure.sentence)}\nnext:  ${printable(failure.next)}`)
  })
