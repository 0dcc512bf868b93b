import { Console, Effect } from "effect"
import { jsonText } from "../output/Json.ts"
import { printable } from "../output/Printable.ts"
import type { Failure } from "./Failure.ts"

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
