import { Schema } from "effect"

/**
 * A store could not answer: it is down, too slow, or broken. It says nothing about whether the thing asked for exists;
 * nobody may read it as absent.
 */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  /** The operation that failed, as `Service.method`. */
  operation: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    const { cause } = this
    if (cause instanceof Error) return `${this.operation}: ${cause.message}`
    // Not every object can be turned into text.
    return typeof cause === "string" ? `${this.operation}: ${cause}` : `${this.operation} failed`
  }
}
