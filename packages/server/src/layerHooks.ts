import { LocalSkillImport, ModelList } from "@muster/domain"
import { Effect, Layer } from "effect"
import { makeModelListHook } from "./catalogue/ModelListHook.ts"
import { type Hook, Hooks } from "./request/Hooks.ts"
import { makeImportHook } from "./skill/ImportHook.ts"

/** Every kind whose end means something to the server: a line here. */
export const layerHooks = Layer.effect(
  Hooks,
  Effect.gen(function*() {
    return new Map<string, Hook>([
      [ModelList.name, yield* makeModelListHook],
      [LocalSkillImport.name, yield* makeImportHook]
    ])
  })
)
