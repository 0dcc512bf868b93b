import { Data } from "effect"

/** The server took the registration but answered without a usable runtime for some CLIs. */
export class Incomplete extends Data.TaggedError("Incomplete")<{ readonly providers: ReadonlyArray<string> }> {
  override get message() {
    return `the server registered no usable runtime for ${this.providers.join(", ")}`
  }
}
