import { Schema } from "effect"
import { maxModels, Model, ModelSource } from "../../model/Model.ts"
import { limitTexts } from "../limitTexts.ts"
import type { RequestKind } from "../RequestKind.ts"

const payload = Schema.Struct({})

/** What the daemon reports: the models, whether the provider can list any, and where the list comes from. */
const result = Schema.Struct({
  models: Schema.optionalKey(Schema.Array(Model).check(Schema.isMaxLength(maxModels))),
  supported: Schema.optionalKey(Schema.Boolean),
  source: Schema.optionalKey(ModelSource)
})

/** "Which models can you run?" Any number of askers share one request. */
export const ModelList = {
  name: "model_list",
  path: "models",
  payload,
  result,
  blank: { supported: true },
  kept: true,
  asking: { ask: "member", look: "member", online: true },
  terms: {
    pending: 30_000,
    running: 60_000,
    retention: 120_000,
    deliveries: 2,
    redeliverAfter: 20_000,
    admission: { _tag: "Coalesce" },
    texts: limitTexts(30, 60)
  },
  ackField: "pending_model_list"
} as const satisfies RequestKind<"model_list", typeof payload, typeof result>
