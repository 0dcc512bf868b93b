import type { FailureClass } from "../failure/ExitCode.ts"
import type { Failure } from "../failure/Failure.ts"

/** The result of one check. */
export interface Check {
  readonly name: string
  readonly status: "fail" | "ok" | "warn"
  /** What the check found, as one sentence. */
  readonly finding: string
  /** The next step, if one is needed. */
  readonly next?: string
  /** The class of a `fail`, for the exit code. */
  readonly class?: FailureClass
}

export const ok = (name: string, finding: string): Check => ({ name, status: "ok", finding })

export const warn = (name: string, finding: string, next: string): Check => ({ name, status: "warn", finding, next })

export const failed = (name: string) => (failure: Failure): Check => ({
  name,
  status: "fail",
  finding: failure.sentence,
  next: failure.next,
  class: failure.class
})
