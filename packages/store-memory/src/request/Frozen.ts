import type { Request } from "@muster/domain"
import type { Schema } from "effect"

const copy = (value: Schema.Json): Schema.Json => {
  if (typeof value !== "object" || value === null) return value
  return Array.isArray(value) ? Object.freeze(value.map(copy)) : frozen(value as Request.Json)
}

/** A deeply frozen copy, which any number of readers can share. */
export const frozen = (json: Request.Json): Request.Json =>
  Object.freeze(Object.fromEntries(Object.entries(json).map(([key, value]) => [key, copy(value)])))
