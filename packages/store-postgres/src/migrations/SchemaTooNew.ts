import { Schema } from "effect"

/** A newer Muster has migrated this database: this one does not know what it would break. */
export class SchemaTooNew extends Schema.TaggedError<SchemaTooNew>()("SchemaTooNew", {
  found: Schema.Finite,
  known: Schema.Finite
}) {
  override get message() {
    return `the database is from a newer Muster (its schema is ${this.found}, this one knows up to ${this.known}): ` +
      "start that version again, or use another database or data folder"
  }
}
