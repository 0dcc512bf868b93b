import type { Wake } from "@muster/domain"

/** What is called with the wakes of its topics. */
type Listener = (topic: Wake.Topic) => void

/** The subscribers of one node by topic. */
export class WakeListeners {
  readonly #listeners = new Map<Wake.Topic, Set<Listener>>()

  /** How many topics have subscribers. */
  get size(): number {
    return this.#listeners.size
  }

  /** Passes the wake to the subscribers of its topic; without any it costs one map lookup. */
  wake(topic: Wake.Topic): void {
    const listeners = this.#listeners.get(topic)
    if (listeners === undefined) return
    for (const listener of listeners) listener(topic)
  }

  add(topics: Iterable<Wake.Topic>, listener: Listener): void {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic)
      if (listeners === undefined) this.#listeners.set(topic, new Set([listener]))
      else listeners.add(listener)
    }
  }

  delete(topics: Iterable<Wake.Topic>, listener: Listener): void {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic)
      if (listeners?.delete(listener) === true && listeners.size === 0) this.#listeners.delete(topic)
    }
  }
}
