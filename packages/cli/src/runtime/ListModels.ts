import {
  leftOutText,
  type Model,
  ModelList,
  type ModelListRecord,
  type RuntimeId,
  type RuntimeRecord
} from "@muster/domain"
import { Clock, Console, Effect, type Option } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession, type Session } from "../api/Session.ts"
import { type Style, style } from "../output/Style.ts"
import { ago, jsonText, printable, table } from "../output/Text.ts"
import { follow } from "../request/FollowRequest.ts"
import { makeProgress } from "../request/Progress.ts"
import { findRuntime } from "./FindRuntime.ts"
import { offline, unsuccessful } from "./RequestFailure.ts"
import { runtimeJson } from "./RuntimeJson.ts"

export type ModelListing = typeof ModelListRecord.Type

/** Asks a runtime for its models (with `fresh` whatever the server has kept) and follows the request to its end; the server's limits end it after 90 s. */
export const askModels = (
  { connection, muster }: Session,
  runtimeId: RuntimeId,
  fresh: boolean,
  onChange: (record: ModelListing) => Effect.Effect<void>
) =>
  follow({
    connection,
    limit: "100 seconds",
    ask: muster.requests.askModelList({ params: { runtimeId }, query: fresh ? { fresh: "1" } : {} }),
    look: (requestId, query) => muster.requests.lookModelList({ params: { runtimeId, requestId }, query }),
    // A kept list went no way that could be shown.
    onChange: (record) => record.cached === true ? Effect.void : onChange(record)
  })

const row = ({ green }: Style) => (model: Model) => [
  printable(model.id),
  printable(model.label),
  printable(model.provider ?? "–"),
  model.default === true ? green("default") : ""
]

/** What a person reads of a completed request. */
const text = (runtime: RuntimeRecord, record: ModelListing, style: Style, now: number): string => {
  const models = record.models ?? []
  const name = printable(runtime.name)
  if (record.supported === false) return `${name} offers no choice of models.`
  if (models.length === 0) return `${name} reports no models.`
  const count = models.length === 1 ? "1 model" : `${models.length} models`
  const note = record.source === "fallback"
    ? `\n\n${count}, from a fixed list: ${name} cannot tell which models it has, so the list may be out of date.`
    : record.cachedAt === undefined
    ? `\n\n${count}, as ${name} itself reports.`
    : `\n\n${count}, as ${name} itself reported ${ago(record.cachedAt, now)}; ask it anew with --fresh.`
  const left = leftOutText(record.left_out)
  return table(["ID", "LABEL", "PROVIDER", ""], models.map(row(style))) + style.dim(note) +
    (left === undefined ? "" : `\n${style.red(printable(left))}`)
}

const json = (runtime: RuntimeRecord, record: ModelListing) => ({
  runtime: runtimeJson(runtime),
  request_id: record.id,
  status: record.status,
  source: record.source ?? null,
  supported: record.supported ?? true,
  cached: record.cached ?? false,
  cached_at: record.cachedAt === undefined ? null : new Date(record.cachedAt).toISOString(),
  models: record.models ?? [],
  left_out: record.left_out ?? []
})

/** `muster models`: asks one runtime which models it can run, and shows the request's way meanwhile. */
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
  const record = yield* askModels(session, runtime.id, input.fresh, yield* makeProgress(ModelList)).pipe(
    Effect.mapError((failure) => offline(runtime, now, failure))
  )
  const failure = unsuccessful(ModelList, runtime, record, "list its models")
  if (failure !== undefined) return yield* failure
  yield* Console.log(input.json ? jsonText(json(runtime, record)) : text(runtime, record, yield* style, now))
}, Effect.provide(FetchHttpClient.layer))
