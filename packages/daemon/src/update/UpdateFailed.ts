import { Data } from "effect"

/** Muster could not be updated, or will not be; what was there still is. `message`: one sentence for people. */
export class UpdateFailed extends Data.TaggedError("UpdateFailed")<{ readonly message: string }> {}
