import { Data } from "effect"
import type { PlatformError } from "effect/PlatformError"

/** A skill cannot be read. `message`: the reason, in one sentence, in the protocol's words if it has some. */
export class SkillProblem extends Data.TaggedError("SkillProblem")<{ readonly message: string }> {}

export const problem = (message: string): SkillProblem => new SkillProblem({ message })

/** Returns what cannot be read and the system's reason, without its path. */
export const unreadable = (what: string, { reason }: PlatformError): string =>
  reason._tag === "TimedOut" && reason.description !== undefined
    ? `${what} ${reason.description}`
    : `${what} cannot be read (${reason._tag})`

/** Returns whether it is provably absent; after any other error that is unknown. */
export const isAbsent = ({ reason }: PlatformError): boolean => reason._tag === "NotFound"
