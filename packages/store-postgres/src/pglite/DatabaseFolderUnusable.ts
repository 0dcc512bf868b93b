import { Schema } from "effect"

/** The embedded database's folder cannot be used; the message is one sentence for the person who named it. */
export class DatabaseFolderUnusable extends Schema.TaggedError<DatabaseFolderUnusable>()("DatabaseFolderUnusable", {
  folder: Schema.String,
  /** What is wrong and what to do. */
  sentence: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return this.sentence
  }
}
