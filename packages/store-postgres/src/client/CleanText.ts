import type { Schema } from "effect"

/**
 * Text as PostgreSQL takes it: without NUL, and without halves of characters (which JSON could carry and jsonb refuses).
 */
export const cleanText = (text: string): string => text.replaceAll("\0", "").toWellFormed()

/** A word that may not be empty, cleaned; `unknown` where nothing is left of it. */
export const cleanWord = (text: string): string => cleanText(text) || "unknown"

const clean = (value: Schema.Json): Schema.Json => {
  if (typeof value === "string") return cleanText(value)
  if (Array.isArray(value)) return value.map(clean)
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), clean(inner)]))
    : value
}

/** A value as the text of a `jsonb` parameter, every string in it cleaned. */
export const cleanJson = (value: Schema.Json): string => JSON.stringify(clean(value))
