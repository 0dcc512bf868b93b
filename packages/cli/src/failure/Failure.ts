import { Data } from "effect"
import { exitCodes, type FailureClass } from "./ExitCode.ts"

/** Why a command failed. Every command fails with this error only. */
export class Failure extends Data.TaggedError("Failure")<{
  readonly class: FailureClass
  /** A code for programs, such as `runtime_offline`. */
  readonly code: string
  /** One clear sentence, without a full stop. */
  readonly sentence: string
  /** The next step for the person, on one line. */
  readonly next: string
  /** With `--json`, stdout has said it already, as the last line of a stream. */
  readonly isDocumented?: boolean
  /** More fields for the JSON document, in addition to `error`, `code`, `exit_code` and `next`. */
  readonly details?: Readonly<Record<string, unknown>>
}> {
  get exitCode(): number {
    return exitCodes[this.class]
  }

  override get message(): string {
    return this.sentence
  }
}
