import type { Wake } from "@muster/domain"
import type { Redis } from "ioredis"

/** The maximum number of channels of one command. */
const batch = 1_000

const nothing = Promise.resolve()

/** What is called with the wakes of its topics. */
type Listener = (topic: Wake.Topic) => void

/**
 * The subscriptions of this replica. The connection subscribes to exactly the topics with local subscribers, and again
 * on a new connection.
 */
export class Subscriptions {
  readonly #client: Redis
  readonly #prefix: string
  readonly #note: (fault: unknown) => void
  readonly #listeners = new Map<string, Set<Listener>>()
  /** Settles, and never fails, once Redis has taken every change so far, or the connection is lost. */
  #taken: Promise<unknown> = nothing

  /** `note` gets the result of each subscribe command: its fault, or undefined. */
  constructor(client: Redis, prefix: string, note: (fault: unknown) => void) {
    this.#client = client
    this.#prefix = prefix
    this.#note = note
    client.on("message", (channel: string) => {
      const topic = channel.slice(prefix.length) as Wake.Topic
      for (const listener of this.#listeners.get(channel) ?? []) listener(topic)
    })
    client.on("ready", () => this.#tell("subscribe", [...this.#listeners.keys()]))
  }

  /** How many topics have subscribers. */
  get size(): number {
    return this.#listeners.size
  }

  /** Settles once Redis sends wakes of these topics, or the subscription fails. */
  listen(topics: Iterable<Wake.Topic>, listener: Listener): Promise<unknown> {
    const fresh: Array<string> = []
    for (const topic of topics) {
      const channel = this.#prefix + topic
      const listeners = this.#listeners.get(channel)
      if (listeners !== undefined) {
        listeners.add(listener)
      } else {
        this.#listeners.set(channel, new Set([listener]))
        fresh.push(channel)
      }
    }
    this.#tell("subscribe", fresh)
    return this.#taken
  }

  /** Settles once Redis no longer sends topics without subscribers, or the command fails. */
  leave(topics: Iterable<Wake.Topic>, listener: Listener): Promise<unknown> {
    const idle: Array<string> = []
    for (const topic of topics) {
      const channel = this.#prefix + topic
      const listeners = this.#listeners.get(channel)
      if (listeners?.delete(listener) !== true || listeners.size > 0) continue
      this.#listeners.delete(channel)
      idle.push(channel)
    }
    this.#tell("unsubscribe", idle)
    return this.#taken
  }

  /** Without a connection nothing is sent: the next one starts with all current topics. */
  #tell(verb: "subscribe" | "unsubscribe", channels: ReadonlyArray<string>): void {
    if (this.#client.status !== "ready") return
    for (let from = 0; from < channels.length; from += batch) {
      const sent = this.#client[verb](...channels.slice(from, from + batch)).then(
        () => verb === "subscribe" && this.#note(undefined),
        (fault: unknown) => this.#note(fault)
      )
      const before = this.#taken
      this.#taken = sent.then(() => before)
    }
  }
}
