import { Kinds } from "@muster/domain"
import { Effect, Layer } from "effect"
import { makeModelListHook } from "./catalogue/ModelListHook.ts"
import { type Hook, Hooks } from "./request/Hooks.ts"
import { makeCliNotes } from "./runtime/CliNotes.ts"
import { makeImportHook } from "./skill/ImportHook.ts"

/** The hooks of all kinds that have one: one line per kind. */
export const layerHooks = Layer.effect(
  Hooks,
  Effect.gen(function*() {
    const note = yield* makeCliNotes
    const models = yield* makeModelListHook
    return new Map<string, Hook>([
      [Kinds.ModelList.name, {
        ...models,
        settled: (runtime, request) =>
          Effect.all([models.settled(runtime, request), note(runtime, request)], { discard: true })
      }],
      [Kinds.Ping.name, { settled: note }],
      [Kinds.LocalSkillImport.name, yield* makeImportHook]
    ])
  })
)
