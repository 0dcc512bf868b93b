import { Schema } from "effect"
import { type ToldModel, toldModels } from "./ModelCatalog.ts"

const Text = Schema.optional(Schema.NullOr(Schema.String))

const Choice = Schema.Struct({ value: Schema.String, name: Text })
const Group = Schema.Struct({ options: Schema.Array(Schema.Unknown) })
const Named = Schema.Struct({ modelId: Schema.String, name: Text })

/** A setting of a session; the one of category `model` is the model. Other settings may look otherwise. */
const ConfigOption = Schema.Struct({
  id: Schema.optional(Schema.String),
  category: Text,
  currentValue: Schema.optional(Schema.Unknown),
  options: Schema.optional(Schema.Unknown)
})

const ModelOption = Schema.Struct({
  currentValue: Text,
  options: Schema.Array(Schema.Unknown)
})

/**
 * What `session/new` answers, as far as models go: `models` until the protocol's release of 2026, `configOptions` since.
 * Source: https://agentclientprotocol.com/protocol/session-config-options.
 */
export const SessionModels = Schema.Struct({
  models: Schema.optional(Schema.NullOr(Schema.Struct({
    availableModels: Schema.Array(Schema.Unknown),
    currentModelId: Text
  }))),
  configOptions: Schema.optional(Schema.NullOr(Schema.Array(Schema.Unknown)))
})
export type SessionModels = typeof SessionModels.Type

const isConfigOption = Schema.is(ConfigOption)
const isModelOption = Schema.is(ModelOption)
const isGroup = Schema.is(Group)

const fromOptions = (session: SessionModels) => {
  const options = session.configOptions?.filter(isConfigOption)
  const option = options?.find((one) => one.category === "model") ?? options?.find((one) => one.id === "model")
  if (!isModelOption(option)) return undefined
  const choices = option.options.flatMap((one) => isGroup(one) ? one.options : [one])
  return {
    told: toldModels(Choice, choices, ({ name, value }) => ({ id: value, label: name })),
    current: option.currentValue
  }
}

const fromModels = ({ models }: SessionModels) =>
  models && {
    told: toldModels(Named, models.availableModels, ({ modelId, name }) => ({ id: modelId, label: name })),
    current: models.currentModelId
  }

/**
 * The models that a session offers, the current one as the default, which some agents leave out of their list.
 * Undefined when the agent does not report models.
 */
export const sessionModels = (session: SessionModels): ReadonlyArray<ToldModel> | undefined => {
  const found = fromOptions(session) ?? fromModels(session)
  if (!found) return undefined
  const { current, told } = found
  const all = !current || told.some(({ id }) => id === current) ? told : [{ id: current, label: undefined }, ...told]
  return all.map((model) => ({ ...model, default: model.id === current }))
}
