import { Schema } from "effect"

/** The server cannot start. The message is one sentence for the person who started it. */
export class StartupFailure extends Schema.TaggedError<StartupFailure>()("StartupFailure", {
  reason: Schema.Literals(["data_folder", "in_use", "port", "database", "schema", "configuration"]),
  sentence: Schema.String
}) {
  override get message() {
    return this.sentence
  }
}
