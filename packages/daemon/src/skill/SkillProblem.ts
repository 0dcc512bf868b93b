import { Data } from "effect"

/** A skill that cannot be had. `message`: why, in one sentence, in the protocol's words where it has some. */
export class SkillProblem extends Data.TaggedError("SkillProblem")<{ readonly message: string }> {}

export const problem = (message: string): SkillProblem => new SkillProblem({ message })
