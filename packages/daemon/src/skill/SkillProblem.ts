import { Data } from "effect"
import type { PlatformError } from "effect/PlatformError"

/** A skill that cannot be had. `message`: why, in one sentence, in the protocol's words where it has some. */
export class SkillProblem extends Data.TaggedError("SkillProblem")<{ readonly message: string }> {}

export const problem = (message: string): SkillProblem => new SkillProblem({ message })

/** What cannot be read, and the system's word for why; not where it lies. */
export const unreadable = (what: string, { reason }: PlatformError): string =>
  reason._tag === "TimedOut" && reason.description !== undefined
    ? `${what} ${reason.description}`
    : `${what} cannot be read (${reason._tag})`

/** Whether it is provably not there; anything else says nothing about that. */
export const isAbsent = ({ reason }: PlatformError): boolean => reason._tag === "NotFound"
