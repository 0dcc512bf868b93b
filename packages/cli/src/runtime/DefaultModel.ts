import { type Api, Model } from "@muster/domain"
import { Console, Effect, Option } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession, type Session } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { jsonText, printable } from "../output/Text.ts"
import { findRuntime } from "./FindRuntime.ts"
import { runtimeJson } from "./RuntimeJson.ts"

type Runtime = Pick<Api.RuntimeRecord, "id" | "name" | "defaultModel">

/** Returns the list that the server keeps of a runtime; empty: it keeps none. */
const keptModels = ({ connection, muster }: Session, { id }: Runtime) =>
  muster.catalogue.models({ params: { runtimeId: id } }).pipe(
    call(connection),
    Effect.map(({ models }) => models),
    Effect.catchIf(({ code }) => code === "model_list_not_found", () => Effect.succeed([]))
  )

/** Returns why the runtime's default model needs attention, by the list that the server keeps. */
export const defaultNote = Effect.fnUntraced(function*(session: Session, runtime: Runtime) {
  const { defaultModel, name } = runtime
  if (defaultModel === undefined) return undefined
  const note = Model.defaultModelNote(defaultModel, yield* keptModels(session, runtime), name)
  return note === undefined ? undefined : printable(note)
})

/** `muster models --default`, `--no-default`: keeps the model that tasks of a runtime use if they name none. */
export const setDefaultModel = Effect.fn("setDefaultModel")(function*(input: {
  readonly runtime: string
  readonly workspace: Option.Option<string>
  readonly model: Option.Option<string>
  readonly none: boolean
  readonly json: boolean
}) {
  const model = Option.getOrElse(input.model, () => "").trim()
  if (input.none ? Option.isSome(input.model) : model === "") {
    return yield* new Failure({
      class: "usage",
      code: "usage",
      sentence: input.none ? "--default and --no-default exclude each other" : "--default needs a model's id",
      next: "list the models of the runtime: muster models RUNTIME"
    })
  }
  const session = yield* openSession(input.workspace)
  const { connection, muster } = session
  const runtimes = yield* muster.runtimes.list({ query: {} }).pipe(call(connection))
  const { id } = yield* findRuntime(runtimes, input.runtime)
  const edited = yield* muster.runtimes.edit({ params: { runtimeId: id }, payload: { default_model: model } }).pipe(
    call(connection)
  )
  const note = yield* defaultNote(session, edited)
  if (input.json) return yield* Console.log(jsonText({ runtime: runtimeJson(edited), note: note ?? null }))
  const name = printable(edited.name)
  yield* Console.log(
    edited.defaultModel === undefined
      ? `${name} has no default model now: its CLI decides`
      : `Tasks of ${name} use ${printable(edited.defaultModel)} if they name no model`
  )
  if (note !== undefined) yield* Console.error(`note:  ${note}`)
}, Effect.provide(FetchHttpClient.layer))
