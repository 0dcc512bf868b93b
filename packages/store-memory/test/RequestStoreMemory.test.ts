import { RequestStore } from "@muster/domain"
import { RequestState, RequestStoreMemory } from "@muster/store-memory"
import {
  newWatch,
  outageOf,
  requestHistorySuite,
  requestModelSuite,
  requestNode,
  type RequestStoreBackend,
  requestStoreSuite,
  watched
} from "@muster/store-suite"
import { Effect, Layer } from "effect"

const memory: RequestStoreBackend = {
  name: "memory",
  nodes: Effect.gen(function*() {
    const state = new RequestState()
    const watch = newWatch()
    const node = requestNode(
      Layer.provide(watched(RequestStore.RequestStore, watch), RequestStoreMemory.layerOn(state))
    )
    return { a: yield* node, b: yield* node, held: Effect.sync(() => state.size), outage: outageOf(watch) }
  })
}

requestStoreSuite(memory)
requestModelSuite(memory)
// Every operation is one synchronous step, so no two ever overlap.
requestHistorySuite(memory, { concurrent: false })
