import type { Schema } from "effect"

/** How deep objects and lists of a JSON value may be within each other. */
const maxDepth = 100

/** The same JSON, in which `…` stands for what is nested deeper than 100 levels: `JSON.stringify` and others are recursive. */
export const shallowJson = (value: Schema.Json, depth = 0): Schema.Json => {
  if (typeof value !== "object" || value === null) return value
  if (depth === maxDepth) return "…"
  if (Array.isArray(value)) return value.map((entry) => shallowJson(entry, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, shallowJson(entry as Schema.Json, depth + 1)])
  )
}
