import { Kinds } from "@muster/domain"
import { Effect, Layer } from "effect"
import { makeModelListHook } from "./catalogue/ModelListHook.ts"
import { type Hook, Hooks } from "./request/Hooks.ts"
import { makeImportHook } from "./skill/ImportHook.ts"

/** The hooks of all kinds that have one: one line per kind. */
export const layerHooks = Layer.effect(
  Hooks,
  Effect.gen(function*() {
    return new Map<string, Hook>([
      [Kinds.ModelList.name, yield* makeModelListHook],
      [Kinds.LocalSkillImport.name, yield* makeImportHook]
    ])
  })
)
