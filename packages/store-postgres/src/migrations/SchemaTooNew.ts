import { Schema } from "effect"

/** A newer Muster has upgraded this database. This version cannot know what it would break, and did not change it. */
export class SchemaTooNew extends Schema.TaggedError<SchemaTooNew>()("SchemaTooNew", {
  found: Schema.Finite,
  known: Schema.Finite
}) {
  override get message() {
    return `the database was upgraded by a newer Muster: its schema is ${this.found}, and this one knows up to ${this.known}`
  }
}
