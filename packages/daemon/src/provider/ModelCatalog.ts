import { LeftOut, Model, type Runtime } from "@muster/domain"
import { Data, Option, Schema } from "effect"
import { sanitizeLine } from "../process/sanitizeOutput.ts"
import type { StdioSessionFailed } from "../process/StdioSession.ts"

/** A CLI did not tell its models. Never cached, never turned into an empty list. */
export class ModelDiscoveryFailed extends Data.TaggedError("ModelDiscoveryFailed")<{
  /** The provider's key. */
  readonly provider: string
  readonly verdict: Runtime.CliVerdict
  /** One sentence for a person, in the CLI's own words where it had any; its words are at most 1,000 characters. */
  readonly message: string
}> {}

/** A call that came to nothing; without a reason, it was never made. */
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

/** What a CLI can run: at most `maxModels` models with different ids, at most one of them the default. */
export interface ModelCatalog {
  readonly models: ReadonlyArray<Model.Model>
  readonly source: Model.ModelSource
  /** Models that the CLI has and the list has not, and why. Absent: the list is whole. */
  readonly leftOut?: ReadonlyArray<LeftOut.LeftOut>
}

/** A model as a CLI tells it, before it is cleaned. Missing labels become the id; without an id it is left out. */
export interface ToldModel {
  readonly id: string
  readonly label?: string | null | undefined
  readonly provider?: string | undefined
  readonly default?: boolean | undefined
}

/** The models of a CLI's list, each entry decoded alone: one that cannot be read has no id, and is left out. */
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

/** The first entry of each id; the first default alone stays one. */
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

/** The limit of a list as JSON, in bytes: with the rest of a report it stays below the server's 1 MiB. */
const maxBytes = 1_000_000

/** The models that can be reported, in their order, and what is left out of the list. */
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
