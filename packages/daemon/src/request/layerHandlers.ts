import { ModelList } from "@muster/domain"
import { Effect, Layer } from "effect"
import { Handlers } from "./Handlers.ts"
import { makeModelListHandler } from "./ModelListHandler.ts"

/** Every kind of request that this daemon can do: a new kind is one line here. */
export const layerHandlers = Layer.effect(
  Handlers,
  Effect.gen(function*() {
    return new Map([[ModelList.name, yield* makeModelListHandler]])
  })
)
