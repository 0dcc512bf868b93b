import { Schema } from "effect"
import { type Given, withoutNulls } from "../request/Sift.ts"
import { isSmallJson } from "./SmallJson.ts"

export { defaultModelNote, isModelListed } from "./DefaultModel.ts"

/** The maximum characters of a text of a model. */
const maxText = 512

/** A field that is passed through unchanged: at most 4,096 characters of JSON. */
const Passed = Schema.Json.check(Schema.makeFilter(isSmallJson, { expected: "JSON of at most 4096 characters" }))

/**
 * One model that an agent CLI can run. Source: the protocol's model-list result (`id, label, provider?, default?`);
 * later daemons add `thinking` and `service_tiers`.
 */
export const Model = Schema.Struct({
  /** What a person types or picks; non-empty, at most 512 characters. */
  id: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(maxText)),
  /** What a person reads; at most 512 characters. */
  label: Schema.String.check(Schema.isMaxLength(maxText)),
  /** The vendor of the model, if the CLI reports it. */
  provider: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(maxText))),
  /** True on the model that runs by default. At most one entry of a list has it. */
  default: Schema.optionalKey(Schema.Boolean),
  /** The effort levels of the model: `{ supported_levels: [{ value, label, description? }], default_level? }`. */
  thinking: Schema.optionalKey(Passed),
  /** The service tiers that it can run in: `[{ id, name, description? }]`. */
  service_tiers: Schema.optionalKey(Passed)
})
export type Model = typeof Model.Type

/**
 * A normalized reported model: without nulls, with its id as the label if it has none, and without values that are too
 * large to pass through.
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
 * The source of a list of models. `live`: the CLI just reported it; `fallback`: a fixed list, because the CLI cannot
 * list its models.
 */
export const ModelSource = Schema.Literals(["live", "fallback"])
export type ModelSource = typeof ModelSource.Type

/** The maximum number of models of one list. Further entries of a report are left out, and the answer reports that. */
export const maxModels = 5_000
