import { Latch } from "effect"
import { Cluster } from "ioredis"
import type { RedisClient } from "./RedisClient.ts"

/** The shortest time (ms) between two redials: a server that stays a replica is dialed once a second, not per command. */
const spacing = 1_000

/**
 * Replaces the connection to a server that takes no writes. The connection is closed after everything in flight on it
 * was answered; the next one leads to the current target of the address or the Sentinel. On a cluster the map of the
 * slots is read again instead.
 */
export class Redial {
  readonly #client: RedisClient
  readonly #done = Latch.makeUnsafe(true)
  #underWay = 0
  #requestedAt = Number.NEGATIVE_INFINITY
  #due = false

  constructor(client: RedisClient) {
    this.#client = client
    client.on("ready", () => this.#finish())
  }

  /** Whether a redial was requested and no new connection is ready yet. */
  get isDue(): boolean {
    return this.#due
  }

  /** Opens when the new connection is ready. */
  get done(): Latch.Latch {
    return this.#done
  }

  /** Requests a redial at `now`, epoch ms. Does nothing within 1 s after the last request. */
  request(now: number): void {
    if (this.#due || now - this.#requestedAt < spacing) return
    this.#requestedAt = now
    this.#due = true
    this.#done.closeUnsafe()
    if (this.#client instanceof Cluster) this.#client.refreshSlotsCache(() => this.#finish())
    else this.#closeIfIdle()
  }

  /** A command was sent. */
  sent(): void {
    this.#underWay++
  }

  /** A command was answered, or its connection was lost. */
  answered(): void {
    this.#underWay--
    if (this.#due && !(this.#client instanceof Cluster)) this.#closeIfIdle()
  }

  #closeIfIdle(): void {
    if (this.#underWay === 0 && this.#client.status === "ready") this.#client.disconnect(true)
  }

  #finish(): void {
    this.#due = false
    this.#done.openUnsafe()
  }
}
