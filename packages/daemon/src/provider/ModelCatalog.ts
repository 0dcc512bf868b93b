import { LeftOut, Model, type Runtime } from "@muster/domain"
import { Data, Option, Schema } from "effect"
import { sanitizeLine } from "../process/sanitizeOutput.ts"
import type { StdioSessionFailed } from "../process/StdioSession.ts"

/** A CLI did not list its models. Never cached, never turned into an empty list. */
export class ModelDiscoveryFailed extends Data.TaggedError("ModelDiscoveryFailed")<{
  /** The provider's key. */
  readonly provider: string
  readonly verdict: Runtime.CliVerdict
  /** One sentence for people, with at most 1,000 characters of the CLI's output. */
  readonly message: string
}> {}

/** Returns the error of a failed call; without a reason, the CLI was not started. */
export const discoveryFailed =
  (provider: string) => (error: { readonly message: string; readonly reason?: StdioSessionFailed["reason"] }) =>
    new ModelDiscoveryFailed({
      provider,
      verdict: error.reason === "silent"
        ? "slow"
        : error.reason === undefined || error.reason === "spawn"
        ? "broken"
        : "unable",
      message: error.message
    })

/** The models of a CLI: at most `maxModels`, with different ids; at most one is the default. */
export interface ModelCatalog {
  readonly models: ReadonlyArray<Model.Model>
  readonly source: Model.ModelSource
  /** Models that the list omits, with the reasons. Absent: the list is complete. */
  readonly leftOut?: ReadonlyArray<LeftOut.LeftOut>
}

/** A model as a CLI reports it, before it is cleaned. A missing label becomes the id; a model without an id is omitted. */
export interface ToldModel {
  readonly id: string
  readonly label?: string | null | undefined
  readonly provider?: string | undefined
  readonly default?: boolean | undefined
}

/** Returns the models of a CLI's list. Each entry is decoded alone: an invalid one has no id and is omitted. */
export const toldModels = <A>(
  entry: Schema.Decoder<A>,
  entries: ReadonlyArray<unknown>,
  told: (entry: A) => ToldModel
): ReadonlyArray<ToldModel> => {
  const decode = Schema.decodeUnknownOption(entry)
  return entries.map((one) => Option.match(decode(one), { onNone: () => ({ id: "" }), onSome: told }))
}

const maxLength = 512

const cut = (text: string) => text.slice(0, maxLength).toWellFormed()

const cleaned = (told: ToldModel): Model.Model => {
  const id = sanitizeLine(told.id)
  const provider = cut(sanitizeLine(told.provider ?? ""))
  return {
    id,
    label: cut(sanitizeLine(told.label ?? "")) || cut(id),
    ...(provider !== "" && { provider }),
    ...(told.default === true && { default: true })
  }
}

/** Returns the first entry of each id; only the first default remains one. */
const distinct = (models: ReadonlyArray<Model.Model>): ReadonlyArray<Model.Model> => {
  const byId = new Map<string, Model.Model>()
  let marked = false
  for (const { default: wanted, ...model } of models) {
    if (byId.has(model.id)) continue
    const isDefault: boolean = wanted === true && !marked
    marked ||= isDefault
    byId.set(model.id, isDefault ? { ...model, default: true } : model)
  }
  return [...byId.values()]
}

/** The limit of a list as JSON, in bytes: the whole report is then below the server's 1 MiB. */
const maxBytes = 1_000_000

/** Returns the models that can be reported, in their order, and the omitted ones. */
const reportable = (models: ReadonlyArray<Model.Model>, nameless: number) => {
  const kept: Array<Model.Model> = []
  let leftOut: ReadonlyArray<LeftOut.LeftOut> = nameless > 0
    ? [{ reason: "it has no id that can be read", count: nameless }]
    : []
  let bytes = 0
  const leave = (reason: string, count: number, { id }: Model.Model) => {
    leftOut = LeftOut.add(leftOut, { reason, count, first: id.slice(0, 100).toWellFormed() })
  }
  for (const [index, model] of models.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(model)) + 1
    const reason = kept.length >= Model.maxModels
      ? `more than ${Model.maxModels} models`
      : bytes > maxBytes
      ? `more than ${maxBytes} bytes of models`
      : undefined
    if (reason !== undefined) {
      leave(reason, models.length - index, model)
      break
    }
    if (model.id.length > maxLength) leave(`its id is longer than ${maxLength} characters`, 1, model)
    else kept.push(model)
  }
  return { models: kept, ...(leftOut.length > 0 && { leftOut }) }
}

/** Returns a live catalog of a CLI's models: sanitized and without duplicates. What cannot be reported is omitted and counted. */
export const liveCatalog = (told: ReadonlyArray<ToldModel>): ModelCatalog => {
  const named = told.map(cleaned).filter((model) => model.id !== "")
  return { ...reportable(distinct(named), told.length - named.length), source: "live" }
}

/** Returns a fixed catalog for a CLI that cannot list its models. The first model is the default. */
export const fallbackCatalog = (
  provider: string,
  models: ReadonlyArray<readonly [id: string, label: string]>
): ModelCatalog => ({
  models: models.map(([id, label], index) => ({ id, label, provider, ...(index === 0 && { default: true }) })),
  source: "fallback"
})
