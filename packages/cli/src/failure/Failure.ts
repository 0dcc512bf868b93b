import { Data } from "effect"
import { exitCodes, type FailureClass } from "./ExitCode.ts"

/** Why a command did not do what it was asked: the only error that a command may end with. */
export class Failure extends Data.TaggedError("Failure")<{
  readonly class: FailureClass
  /** A word for machines, such as `runtime_offline`. */
  readonly code: string
  /** One clear sentence, without a full stop. */
  readonly sentence: string
  /** What the person can do about it, on one line. */
  readonly next: string
  /** More fields for the JSON document, beside `error`, `code`, `exit_code` and `next`. */
  readonly details?: Readonly<Record<string, unknown>>
}> {
  get exitCode(): number {
    return exitCodes[this.class]
  }

  override get message(): string {
    return this.sentence
  }
}
