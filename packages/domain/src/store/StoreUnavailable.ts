import { Schema } from "effect"

/** The maximum depth of a cause chain that is read. */
const deepest = 8

/** The root cause: a driver reports that it could not connect, and only the error at the bottom has the reason. */
const rootOf = (error: Error): Error => {
  let root = error
  for (let depth = 0; depth < deepest && root.cause instanceof Error; depth++) root = root.cause
  return root
}

const wordsOf = (error: Error): string => {
  const root = rootOf(error).message
  return root === "" || error.message.includes(root) ? error.message : `${error.message} (${root})`
}

/**
 * A store could not answer: it is down, too slow, or broken. It does not show whether the requested thing exists;
 * callers must not treat it as absent.
 */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  /** The operation that failed, as `Service.method`. */
  operation: Schema.String,
  cause: Schema.Defect(),
  /** The backend that failed, by its name for people, such as `database`: stores that share one fail together. */
  backend: Schema.optionalKey(Schema.String),
  /** Why, for people: a phrase such as `the database cannot be reached`, without addresses, secrets or internal names. */
  reason: Schema.optionalKey(Schema.String),
  /** The store works and refuses a value: not an outage, and the same call fails again. */
  refused: Schema.optionalKey(Schema.Boolean)
}) {
  /** Why, for people. Never contains an operation, an address or a secret. */
  get why(): string {
    return this.reason ?? `the ${this.backend ?? "store"} does not answer`
  }

  override get message() {
    const { cause } = this
    if (cause instanceof Error) return `${this.operation}: ${wordsOf(cause)}`
    // Not every object can be turned into text.
    return typeof cause === "string" ? `${this.operation}: ${cause}` : `${this.operation} failed`
  }
}
