import { Data } from "effect"

/**
 * Why a talk with a CLI over its stdio came to nothing:
 * - `spawn`: it never ran
 * - `closed`: it ended, or closed its stdout, before it answered
 * - `refused`: it answered with an error
 * - `unreadable`: it answered something that is not an answer (half a JSON, another shape)
 * - `flood`: it wrote more than it may
 * - `silent`: no answer in time
 */
export class StdioSessionFailed extends Data.TaggedError("StdioSessionFailed")<{
  readonly reason: "spawn" | "closed" | "refused" | "unreadable" | "flood" | "silent"
  /** One sentence for a person, with the CLI's own words where it had any. */
  readonly message: string
}> {}
