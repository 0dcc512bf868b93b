import { Schema } from "effect"

/** One model that an agent CLI can run. Source: the protocol's model-list result (`id, label, provider?, default?`). */
export const Model = Schema.Struct({
  /** What a person types or picks; non-empty, at most 512 characters. */
  id: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(512)),
  /** What a person reads; at most 512 characters. */
  label: Schema.String.check(Schema.isMaxLength(512)),
  /** Who makes the model, where the CLI says so. */
  provider: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(512))),
  /** True on the model that runs when nobody chose one. At most one entry of a list carries it. */
  default: Schema.optionalKey(Schema.Boolean)
})
export type Model = typeof Model.Type

/**
 * Where a list of models comes from: `live`, the CLI itself said so just now; `fallback`, the CLI cannot tell and a
 * fixed list stands in for it.
 */
export const ModelSource = Schema.Literals(["live", "fallback"])
export type ModelSource = typeof ModelSource.Type

/** The longest list of models that a report may carry. A longer one is refused, never cut silently. */
export const maxModels = 5_000
