import { Schema } from "effect"
import { maxModels, Model, ModelSource, readModel } from "../../model/Model.ts"
import { LeftOuts } from "../LeftOut.ts"
import { limitTexts } from "../limitTexts.ts"
import type { RequestKind } from "../RequestKind.ts"
import type { Given } from "../Sift.ts"

const payload = Schema.Struct({})

/** What the daemon reports: the models, whether the provider can list any, and the source of the list. */
const result = Schema.Struct({
  models: Schema.optionalKey(Schema.Array(Model).check(Schema.isMaxLength(maxModels))),
  supported: Schema.optionalKey(Schema.Boolean),
  source: Schema.optionalKey(ModelSource),
  /** Models that the CLI reported and this answer leaves out, and why. */
  left_out: Schema.optionalKey(LeftOuts)
})

const isSource = Schema.is(ModelSource)

/**
 * Later daemons of the protocol mark a fixed list by `fallback: true` instead of a `source`; an unknown source is not
 * `live`. Source: `docs/protocol.md` 21.
 */
const readReport = ({ fallback, source, ...rest }: Given): Given => {
  const isStandIn = fallback === true || (source !== undefined && !isSource(source))
  return { ...rest, ...(isStandIn ? { source: "fallback" } : source === undefined ? {} : { source }) }
}

/** Lists the models that the CLI can run. Any number of callers share one request. */
export const ModelList = {
  name: "model_list",
  path: "models",
  payload,
  result,
  readReport,
  sifted: [{ field: "models", entry: Model, max: maxModels, read: readModel }],
  blank: { supported: true },
  kept: true,
  asking: { scope: "ask", ask: "use", look: "see", online: true },
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
