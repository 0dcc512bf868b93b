import { Effect, Layer } from "effect"
import { type Hook, Hooks } from "./Hooks.ts"

/** Every kind whose end means something to the server: a line here. */
export const layerHooks = Layer.effect(
  Hooks,
  Effect.sync(() => new Map<string, Hook>([]))
)
