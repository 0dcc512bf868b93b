import { RequestState, RequestStoreMemory } from "@muster/store-memory"
import { requestModelSuite, requestNode, type RequestStoreBackend, requestStoreSuite } from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { breakable } from "./Outage.ts"

const memory: RequestStoreBackend = {
  name: "memory",
  nodes: Effect.gen(function*() {
    const state = new RequestState()
    const outage = { down: false }
    const node = requestNode(Layer.provide(breakable(outage), RequestStoreMemory.layerOn(state)))
    return {
      a: yield* node,
      b: yield* node,
      held: Effect.sync(() => state.size),
      outage: Effect.sync(() => {
        outage.down = true
      })
    }
  })
}

requestStoreSuite(memory)
requestModelSuite(memory)
