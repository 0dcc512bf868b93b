import { Schema } from "effect"
import { Model } from "../model/Model.ts"
import type { Request } from "../request/Request.ts"

/** The last good list of models of a runtime. */
export const KeptModels = Schema.Struct({
  models: Schema.Array(Model),
  /** When its report arrived, in epoch ms. */
  at: Schema.Finite
})
export type KeptModels = typeof KeptModels.Type

/**
 * How long a kept list is shown, and at what age a new one is fetched in the background, in ms. Source:
 * `docs/protocol.md` 21.
 */
export const keptFor = 24 * 60 * 60_000
export const freshFor = 60_000

export const isShown = ({ at }: KeptModels, now: number): boolean => now - at <= keptFor
export const isFresh = ({ at }: KeptModels, now: number): boolean => now - at <= freshFor

/**
 * What the end of a model-list request means for the kept list. A new list replaces it. An empty list, or a runtime
 * that offers no choice, removes it. A fixed list or a missing answer does not change it.
 */
export type CatalogueChange = "keep" | "drop" | "none"

export const changeOf = ({ state }: Request): CatalogueChange => {
  if (state._tag !== "Completed") return "none"
  const { models, source, supported } = state.result
  if (source === "fallback") return "none"
  return supported !== false && Array.isArray(models) && models.length > 0 ? "keep" : "drop"
}
