import type { Request } from "@muster/domain"
import type { Schema } from "effect"

const copy = (value: Schema.Json): Schema.Json => {
  if (typeof value !== "object" || value === null) return value
  return Array.isArray(value) ? Object.freeze(value.map(copy)) : frozen(value as Request.Json)
}

/** A copy that nobody can change, not even whoever gave the original: it can be handed to any number of readers. */
export const frozen = (json: Request.Json): Request.Json =>
  Object.freeze(Object.fromEntries(Object.entries(json).map(([key, value]) => [key, copy(value)])))
