import type { Json } from "@muster/domain"

const freeze = (value: unknown): void => {
  if (typeof value !== "object" || value === null) return
  Object.freeze(value)
  for (const entry of Object.values(value)) freeze(entry)
}

/** A copy that nobody can change, not even whoever gave the original: it can be handed to any number of readers. */
export const frozen = (json: Json): Json => {
  const copy = structuredClone(json)
  freeze(copy)
  return copy
}
