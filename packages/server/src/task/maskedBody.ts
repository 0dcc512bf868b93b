import { Masks, type TaskEvent } from "@muster/domain"
import { Predicate, type Schema } from "effect"

const { text } = Masks.shapes

/** A JSON value in which every string and key that looks like a secret is masked. Recursive: bound the depth first. */
export const maskedJson = (value: Schema.Json): Schema.Json => {
  if (typeof value === "string") return text(value)
  if (Array.isArray(value)) return value.map(maskedJson)
  if (!Predicate.isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [text(key), maskedJson(entry as Schema.Json)]))
}

/**
 * An event in which everything that looks like a secret is masked. The daemon has masked it already, with the values that only
 * it knows: this is for a daemon that does not.
 */
export const maskedBody = (body: TaskEvent.Body): TaskEvent.Body => maskedJson(body as never) as never
