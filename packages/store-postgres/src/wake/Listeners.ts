import type { Wake } from "@muster/domain"
import { Queue } from "effect"

/** Who on this replica listens to what. */
export class Listeners {
  readonly #queues = new Map<Wake.Topic, Set<Queue.Queue<Wake.Topic>>>()

  /** How many topics somebody listens to. */
  get size(): number {
    return this.#queues.size
  }

  /** Hands the hint to those who listen to its topic; where nobody does, it costs one look. */
  wake(topic: Wake.Topic): void {
    const queues = this.#queues.get(topic)
    if (queues === undefined) return
    for (const queue of queues) Queue.offerUnsafe(queue, topic)
  }

  add(topics: Iterable<Wake.Topic>, queue: Queue.Queue<Wake.Topic>): void {
    for (const topic of topics) {
      const queues = this.#queues.get(topic)
      if (queues === undefined) this.#queues.set(topic, new Set([queue]))
      else queues.add(queue)
    }
  }

  delete(topics: Iterable<Wake.Topic>, queue: Queue.Queue<Wake.Topic>): void {
    for (const topic of topics) {
      const queues = this.#queues.get(topic)
      if (queues?.delete(queue) === true && queues.size === 0) this.#queues.delete(topic)
    }
  }
}
