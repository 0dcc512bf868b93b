import { Schema } from "effect"

/** A newer Muster has upgraded this database: this one does not know what it would break, and left it as it is. */
export class SchemaTooNew extends Schema.TaggedError<SchemaTooNew>()("SchemaTooNew", {
  found: Schema.Finite,
  known: Schema.Finite
}) {
  override get message() {
    return `the database was upgraded by a newer Muster: its schema is ${this.found}, and this one knows up to ${this.known}`
  }
}
