import { Predicate, type Schema } from "effect"

/** Text that every store can hold: no NUL, no unpaired surrogates (which JSON can carry and a database refuses). */
export const cleanText = (text: string): string => text.replaceAll("\u0000", "").toWellFormed()

/** A JSON value with every string and key in it cleaned. Recursive: bound the depth first. */
export const cleanJson = (value: Schema.Json): Schema.Json => {
  if (typeof value === "string") return cleanText(value)
  if (Array.isArray(value)) return value.map(cleanJson)
  if (!Predicate.isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [cleanText(key), cleanJson(entry as Schema.Json)])
  )
}
