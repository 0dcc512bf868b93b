import type { FailureClass } from "../failure/ExitCode.ts"
import type { Failure } from "../failure/Failure.ts"

/** One thing that was looked at. */
export interface Check {
  readonly name: string
  readonly status: "fail" | "ok" | "warn"
  /** What was found, as one sentence. */
  readonly says: string
  /** What to do about it, where there is something to do. */
  readonly next?: string
  /** What kind of failure a `fail` is, for the exit code. */
  readonly class?: FailureClass
}

export const ok = (name: string, says: string): Check => ({ name, status: "ok", says })

export const warn = (name: string, says: string, next: string): Check => ({ name, status: "warn", says, next })

export const failed = (name: string) => (failure: Failure): Check => ({
  name,
  status: "fail",
  says: failure.sentence,
  next: failure.next,
  class: failure.class
})
