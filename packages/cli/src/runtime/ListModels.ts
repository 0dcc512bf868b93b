import { type Api, Kinds, LeftOut, Model, type Runtime } from "@muster/domain"
import { Clock, Console, Effect, type Option } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession, type Session } from "../api/Session.ts"
import { type Style, style } from "../output/Style.ts"
import { table } from "../output/Table.ts"
import { ago, jsonText, printable } from "../output/Text.ts"
import { follow } from "../request/FollowRequest.ts"
import { makeProgress } from "../request/Progress.ts"
import { findRuntime } from "./FindRuntime.ts"
import { offline, unsuccessful } from "./RequestFailure.ts"
import { runtimeJson } from "./RuntimeJson.ts"

export type ModelListing = typeof Api.ModelListRecord.Type

/** Requests a runtime's models and waits for the end, 90 s by the server's limits. `fresh` skips the list that the server keeps. */
export const askModels = (
  { connection, muster }: Session,
  runtimeId: Runtime.RuntimeId,
  fresh: boolean,
  onChange: (record: ModelListing) => Effect.Effect<void>
) =>
  follow({
    connection,
    limit: "100 seconds",
    ask: muster.modelList.ask({ params: { runtimeId }, query: fresh ? { fresh: "1" } : {} }),
    look: (requestId, query) => muster.modelList.look({ params: { runtimeId, requestId }, query }),
    // A kept list has no progress to show.
    onChange: (record) => record.cached === true ? Effect.void : onChange(record)
  })

/** `chosen`: the model that tasks of the runtime use if they name none. */
const row = ({ green }: Style, chosen: string | undefined) => (model: Model.Model) => [
  printable(model.id),
  printable(model.label),
  printable(model.provider ?? "–"),
  model.id === chosen ? green("default of tasks") : model.default === true ? green("default") : ""
]

/** Returns a completed request as text for people. */
const text = (runtime: Api.RuntimeRecord, record: ModelListing, style: Style, now: number): string => {
  const models = record.models ?? []
  const name = printable(runtime.name)
  if (record.supported === false) return `${name} has no selectable models.`
  if (models.length === 0) return `${name} reports no models.`
  const count = models.length === 1 ? "1 model" : `${models.length} models`
  const note = record.source === "fallback"
    ? `\n\n${count}, from a fixed list: ${name} cannot list its models, so the list may be out of date.`
    : record.cachedAt === undefined
    ? `\n\n${count}, reported by ${name}.`
    : `\n\n${count}, reported by ${name} ${ago(record.cachedAt, now)}; use --fresh to ask again.`
  const left = LeftOut.textOf(record.left_out)
  const { defaultModel } = runtime
  const missing = defaultModel === undefined ? undefined : Model.defaultModelNote(defaultModel, models, name)
  return table(["ID", "LABEL", "PROVIDER", ""], models.map(row(style, runtime.defaultModel))) + style.dim(note) +
    (left === undefined ? "" : `\n${style.red(printable(left))}`) +
    (missing === undefined ? "" : `\n${style.red(printable(missing))}`)
}

const json = (runtime: Api.RuntimeRecord, record: ModelListing) => ({
  runtime: runtimeJson(runtime),
  request_id: record.id,
  status: record.status,
  source: record.source ?? null,
  supported: record.supported ?? true,
  cached: record.cached ?? false,
  cached_at: record.cachedAt === undefined ? null : new Date(record.cachedAt).toISOString(),
  default_model: runtime.defaultModel ?? null,
  default_model_listed: runtime.defaultModel === undefined
    ? null
    : Model.isModelListed(runtime.defaultModel, record.models ?? []),
  models: record.models ?? [],
  left_out: record.left_out ?? []
})

/** `muster models`: lists the models of one runtime and shows the progress of the request. */
export const listModels = Effect.fn("listModels")(function*(input: {
  readonly runtime: string
  readonly workspace: Option.Option<string>
  readonly fresh: boolean
  readonly json: boolean
}) {
  const session = yield* openSession(input.workspace)
  const runtimes = yield* session.muster.runtimes.list({ query: {} }).pipe(call(session.connection))
  const runtime = yield* findRuntime(runtimes, input.runtime)
  const now = yield* Clock.currentTimeMillis
  const record = yield* askModels(session, runtime.id, input.fresh, yield* makeProgress(Kinds.ModelList)).pipe(
    Effect.mapError((failure) => offline(runtime, now, failure))
  )
  const failure = unsuccessful(Kinds.ModelList, runtime, record, "list its models")
  if (failure !== undefined) return yield* failure
  yield* Console.log(input.json ? jsonText(json(runtime, record)) : text(runtime, record, yield* style, now))
}, Effect.provide(FetchHttpClient.layer))
