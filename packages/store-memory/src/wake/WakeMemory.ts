import { Wake } from "@muster/domain"
import { Effect, Layer } from "effect"

/** What is called with the wakes of its topics. */
type Listener = (topic: Wake.Topic) => void

/** The subscribers of topics. Layers built on the same state are nodes of one backend. */
export class WakeState {
  readonly #listeners = new Map<Wake.Topic, Set<Listener>>()

  /** How many topics have subscribers. */
  get size(): number {
    return this.#listeners.size
  }

  publish(topic: Wake.Topic): void {
    const listeners = this.#listeners.get(topic)
    if (listeners === undefined) return
    for (const listener of listeners) listener(topic)
  }

  listen(topics: Iterable<Wake.Topic>, listener: Listener): void {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic)
      if (listeners === undefined) this.#listeners.set(topic, new Set([listener]))
      else listeners.add(listener)
    }
  }

  leave(topics: Iterable<Wake.Topic>, listener: Listener): void {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic)
      if (listeners?.delete(listener) === true && listeners.size === 0) this.#listeners.delete(topic)
    }
  }
}

const make = (state: WakeState) =>
  Wake.make({
    publish: (topic) => Effect.sync(() => state.publish(topic)),
    listen: (topics, onWake) =>
      Effect.sync(() => {
        state.listen(topics, onWake)
        return Effect.sync(() => state.leave(topics, onWake))
      })
  })

/** Wakes within this process. A wake without subscribers costs one map lookup. */
export const WakeMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: WakeState): Layer.Layer<Wake.Wake> => Layer.succeed(Wake.Wake, make(state)),
  /** A backend of its own for each build. */
  layer: Layer.sync(Wake.Wake, () => make(new WakeState()))
}
