import { Schema } from "effect"
import { type Given, withoutNulls } from "../request/Sift.ts"
import { isSmallJson } from "./SmallJson.ts"

/** The longest text of a model, in characters. */
const maxText = 512

/** A field that is passed on as it came: at most 4,096 characters of JSON. */
const Passed = Schema.Json.check(Schema.makeFilter(isSmallJson, { expected: "JSON of at most 4096 characters" }))

/**
 * One model that an agent CLI can run. Source: the protocol's model-list result (`id, label, provider?, default?`); later
 * daemons add `thinking` and `service_tiers`.
 */
export const Model = Schema.Struct({
  /** What a person types or picks; non-empty, at most 512 characters. */
  id: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(maxText)),
  /** What a person reads; at most 512 characters. */
  label: Schema.String.check(Schema.isMaxLength(maxText)),
  /** Who makes the model, where the CLI says so. */
  provider: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(maxText))),
  /** True on the model that runs when nobody chose one. At most one entry of a list carries it. */
  default: Schema.optionalKey(Schema.Boolean),
  /** The levels of effort that the model knows: `{ supported_levels: [{ value, label, description? }], default_level? }`. */
  thinking: Schema.optionalKey(Passed),
  /** The service tiers that it can run in: `[{ id, name, description? }]`. */
  service_tiers: Schema.optionalKey(Passed)
})
export type Model = typeof Model.Type

/**
 * A reported model in our words: without nulls, its id for a label where it has none, and without what is too large to
 * be passed on.
 */
export const readModel = (entry: Given): Given => {
  const { service_tiers, thinking, ...model } = withoutNulls(entry)
  return {
    label: model["id"] ?? "",
    ...model,
    ...(thinking !== undefined && isSmallJson(thinking) && { thinking }),
    ...(service_tiers !== undefined && isSmallJson(service_tiers) && { service_tiers })
  }
}

/**
 * Where a list of models comes from: `live`, the CLI itself said so just now; `fallback`, the CLI cannot tell and a
 * fixed list stands in for it.
 */
export const ModelSource = Schema.Literals(["live", "fallback"])
export type ModelSource = typeof ModelSource.Type

/** The most models of one list. What a report has beyond is left out, and the answer says so. */
export const maxModels = 5_000
