import type { Wake } from "@muster/domain"
import { Queue } from "effect"

/** The subscribers of this replica by topic. */
export class Listeners {
  readonly #queues = new Map<Wake.Topic, Set<Queue.Queue<Wake.Topic>>>()

  /** How many topics have subscribers. */
  get size(): number {
    return this.#queues.size
  }

  /** Passes the wake to the subscribers of its topic; without any it costs one map lookup. */
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
