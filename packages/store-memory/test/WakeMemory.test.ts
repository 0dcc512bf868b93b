import { WakeMemory, WakeState } from "@muster/store-memory"
import { wakeNode, wakeSuite } from "@muster/store-suite"
import { Effect } from "effect"

wakeSuite({
  name: "memory",
  nodes: Effect.gen(function*() {
    const state = new WakeState()
    const node = wakeNode(WakeMemory.layerOn(state))
    return { a: yield* node, b: yield* node, topics: Effect.sync(() => state.size) }
  })
})
