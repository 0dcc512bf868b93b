import { maxModels, type Model, type ModelSource } from "@muster/domain"
import { Effect } from "effect"
import { cleanLine } from "../process/Words.ts"
import { ModelDiscoveryFailed } from "./ModelDiscoveryFailed.ts"

/** What a CLI can run: at most `maxModels` models with different ids, at most one of them the default. */
export interface ModelCatalog {
  readonly models: ReadonlyArray<Model>
  readonly source: ModelSource
}

/** A model as a CLI tells it, before it is cleaned. Missing labels become the id. */
export interface ToldModel {
  readonly id: string
  readonly label?: string | null | undefined
  readonly provider?: string | undefined
  readonly default?: boolean | undefined
}

const longest = 512

const cut = (text: string) => text.slice(0, longest).toWellFormed()

const cleaned = (told: ToldModel): Model => {
  const id = cleanLine(told.id)
  const provider = cut(cleanLine(told.provider ?? ""))
  return {
    id,
    label: cut(cleanLine(told.label ?? "")) || cut(id),
    ...(provider !== "" && { provider }),
    ...(told.default === true && { default: true })
  }
}

/** The first entry of each id; the first default alone stays one. */
const distinct = (models: ReadonlyArray<Model>): ReadonlyArray<Model> => {
  const byId = new Map<string, Model>()
  let marked = false
  for (const { default: wanted, ...model } of models) {
    if (byId.has(model.id)) continue
    const isDefault: boolean = wanted === true && !marked
    marked ||= isDefault
    byId.set(model.id, isDefault ? { ...model, default: true } : model)
  }
  return [...byId.values()]
}

/** A live catalog of what a CLI told: cleaned and without duplicates; refused, not cut, when it breaks a bound. */
export const liveCatalog = (
  provider: string,
  told: ReadonlyArray<ToldModel>
): Effect.Effect<ModelCatalog, ModelDiscoveryFailed> => {
  const models = distinct(told.map(cleaned).filter((model) => model.id !== ""))
  const fail = (message: string) => Effect.fail(new ModelDiscoveryFailed({ provider, message }))
  if (models.length > maxModels) {
    return fail(`${provider} listed ${models.length} models; at most ${maxModels} can be reported`)
  }
  if (models.some((model) => model.id.length > longest)) {
    return fail(`${provider} listed a model whose id is longer than ${longest} characters`)
  }
  return Effect.succeed({ models, source: "live" })
}

/** A fixed catalog that stands in for a CLI that cannot tell. The first model is the default. */
export const fallbackCatalog = (
  provider: string,
  models: ReadonlyArray<readonly [id: string, label: string]>
): ModelCatalog => ({
  models: models.map(([id, label], index) => ({ id, label, provider, ...(index === 0 && { default: true }) })),
  source: "fallback"
})
