import { Effect, Schema } from "effect"
import { acp } from "../process/Acp.ts"
import type { StdioSession, StdioSessionFailed } from "../process/StdioSession.ts"
import { calledAs, type Invocation, talkWithCli } from "./Invocation.ts"
import {
  discoveryFailed,
  liveCatalog,
  type ModelCatalog,
  type ModelDiscoveryFailed,
  type ToldModel,
  toldModels
} from "./ModelCatalog.ts"
import type { AgentCli, Provider } from "./Provider.ts"

const Text = Schema.optional(Schema.NullOr(Schema.String))

const Choice = Schema.Struct({ value: Schema.String, name: Text })
const Group = Schema.Struct({ options: Schema.Array(Schema.Unknown) })
const Named = Schema.Struct({ modelId: Schema.String, name: Text })

/** A setting of a session; the one of category `model` is the model. Other settings can have other fields. */
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
 * The models in the response of `session/new`: `models` until the protocol's release of 2026, `configOptions` since. Source:
 * https://agentclientprotocol.com/protocol/session-config-options.
 */
const SessionModels = Schema.Struct({
  models: Schema.optional(Schema.NullOr(Schema.Struct({
    availableModels: Schema.Array(Schema.Unknown),
    currentModelId: Text
  }))),
  configOptions: Schema.optional(Schema.NullOr(Schema.Array(Schema.Unknown)))
})
type SessionModels = typeof SessionModels.Type

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
 * Returns the models of a session. The default is the current one, which some agents omit from their list. Undefined if the
 * agent does not report models.
 */
const sessionModels = (session: SessionModels): ReadonlyArray<ToldModel> | undefined => {
  const found = fromOptions(session) ?? fromModels(session)
  if (!found) return undefined
  const { current, told } = found
  const all = !current || told.some(({ id }) => id === current) ? told : [{ id: current, label: undefined }, ...told]
  return all.map((model) => ({ ...model, default: model.id === current }))
}

const decode = Schema.decodeUnknownEffect(SessionModels)

const openSession = (stdio: StdioSession, folder: string) =>
  Effect.gen(function*() {
    const agent = yield* acp(stdio)
    yield* agent.ask((it) =>
      it.request("initialize", {
        protocolVersion: agent.version,
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        clientInfo: { name: "muster", title: "Muster", version: "0.1.0" }
      })
    )
    const session = yield* agent.ask((it) => it.request("session/new", { cwd: folder, mcpServers: [] }))
    const readable = yield* decode(session).pipe(
      Effect.mapError(() => stdio.failed("unreadable", "answered session/new in a shape that is not known"))
    )
    const told = sessionModels(readable)
    return told ?? (yield* stdio.failed("unreadable", "speaks ACP but reports no models"))
  })

/**
 * Lists the models of an agent over the Agent Client Protocol on stdio: `initialize`, then `session/new` in a temporary folder.
 */
export const acpTold = (call: Invocation): Effect.Effect<ReadonlyArray<ToldModel>, StdioSessionFailed> =>
  talkWithCli(call, openSession)

/** The same as a catalog. Fails with the agent's message if it refuses, usually since no account is logged in. */
export const acpCatalog = (call: Invocation): Effect.Effect<ModelCatalog, ModelDiscoveryFailed> =>
  acpTold(call).pipe(
    Effect.catchIf((error) => error.reason === "refused", (error) =>
      Effect.fail({ reason: error.reason, message: `${calledAs(call)} refused: ${error.message}` })),
    Effect.mapError(discoveryFailed(call.provider)),
    Effect.map(liveCatalog)
  )

/** Tries each flag until the CLI knows one: a CLI ends at once if it does not know a flag. */
const attempt = (
  provider: string,
  cli: AgentCli,
  [flag, ...others]: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<ToldModel>, StdioSessionFailed> =>
  acpTold({ provider, cli, args: [flag!] }).pipe(
    Effect.catchIf(
      (error) => error.reason === "closed" && others.length > 0,
      () => attempt(provider, cli, others)
    )
  )

/**
 * Lists the models over ACP, or the fixed list if a CLI that runs cannot list them (no login, an older release). Fails if the
 * CLI cannot be started or is slow.
 */
export const acpWithFallback = (options: {
  readonly provider: string
  readonly flags: ReadonlyArray<string>
  readonly fallback: ModelCatalog
}): Provider["listModels"] =>
(cli) =>
  attempt(options.provider, cli, options.flags).pipe(
    Effect.matchEffect({
      onFailure: (error) =>
        error.reason === "spawn" || error.reason === "silent"
          ? Effect.fail(discoveryFailed(options.provider)(error))
          : Effect.succeed(options.fallback),
      onSuccess: (told) => Effect.succeed(liveCatalog(told))
    })
  )
