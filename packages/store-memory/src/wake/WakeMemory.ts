import { Wake } from "@muster/domain"
import { WakeListeners } from "@muster/store-kit"
import { Effect, Layer } from "effect"

/** The subscribers of topics. Layers built on the same state are nodes of one backend. */
export class WakeState extends WakeListeners {}

const make = (state: WakeState) =>
  Wake.make({
    publish: (topic) => Effect.sync(() => state.wake(topic)),
    listen: (topics, onWake) =>
      Effect.sync(() => {
        state.add(topics, onWake)
        return Effect.sync(() => state.delete(topics, onWake))
      })
  })

/** Wakes within this process. A wake without subscribers costs one map lookup. */
export const WakeMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: WakeState): Layer.Layer<Wake.Wake> => Layer.succeed(Wake.Wake, make(state)),
  /** A backend of its own for each build. */
  layer: Layer.sync(Wake.Wake, () => make(new WakeState()))
}
