import { type Topic, Wake, wakeCapacity } from "@muster/domain"
import { Effect, Layer, Queue } from "effect"

/** Who listens to what. Layers built on the same state are nodes of one backend. */
export class WakeState {
  readonly #listeners = new Map<Topic, Set<Queue.Queue<Topic>>>()

  /** How many topics somebody listens to. */
  get size(): number {
    return this.#listeners.size
  }

  publish(topic: Topic): void {
    const listeners = this.#listeners.get(topic)
    if (listeners === undefined) return
    for (const listener of listeners) Queue.offerUnsafe(listener, topic)
  }

  listen(topics: Iterable<Topic>, listener: Queue.Queue<Topic>): void {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic)
      if (listeners === undefined) this.#listeners.set(topic, new Set([listener]))
      else listeners.add(listener)
    }
  }

  leave(topics: Iterable<Topic>, listener: Queue.Queue<Topic>): void {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic)
      if (listeners?.delete(listener) === true && listeners.size === 0) this.#listeners.delete(topic)
    }
  }
}

const make = (state: WakeState) =>
  Wake.of({
    publish: (topic) => Effect.sync(() => state.publish(topic)),
    subscribe: (topics) =>
      Effect.acquireRelease(
        Effect.tap(Queue.sliding<Topic>(wakeCapacity), (queue) => Effect.sync(() => state.listen(topics, queue))),
        (queue) => Effect.andThen(Effect.sync(() => state.leave(topics, queue)), Queue.shutdown(queue))
      )
  })

/** Hints within this process. A hint that nobody listens to costs one look. */
export const WakeMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: WakeState): Layer.Layer<Wake> => Layer.succeed(Wake, make(state)),
  /** A backend of its own for each build. */
  layer: Layer.sync(Wake, () => make(new WakeState()))
}
