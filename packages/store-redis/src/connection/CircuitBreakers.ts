import slotOf from "cluster-key-slot"
import { Cluster } from "ioredis"
import type { RedisClient } from "./RedisClient.ts"

/** The number of failures in a row that opens the breaker. */
const tripAt = 3

/** How long an open breaker refuses calls before it admits a single trial call, in ms. */
const coolDown = 1_000

/** How often a lasting fault is reported, in ms. */
const reportEvery = 600_000

/**
 * After three failures in a row, admits only one trial call a second until one succeeds, so that callers need not wait for a
 * server that does not answer. Times are the machine's, epoch ms.
 */
export class CircuitBreaker {
  #failures = 0
  #retryAt = 0
  #reportedAt: number | undefined

  /** The number of failed calls since the last successful one. */
  get failures(): number {
    return this.#failures
  }

  get isOpen(): boolean {
    return this.#failures >= tripAt
  }

  /** Whether a call may be sent now. Of an open breaker, the call that is admitted is the trial call. */
  admits(now: number): boolean {
    if (!this.isOpen) return true
    if (now < this.#retryAt) return false
    this.#retryAt = now + coolDown
    return true
  }

  /** A call succeeded, or the connection is back. Returns whether to report it. */
  close(): boolean {
    const isNew = this.#reportedAt !== undefined
    this.#failures = 0
    this.#reportedAt = undefined
    return isNew
  }

  /** A call failed; `certain`: so will the next. Returns whether to report it: when it opens, then once per 10 min. */
  fail(now: number, certain: boolean): boolean {
    this.#failures = Math.max(this.#failures + 1, certain ? tripAt : 0)
    this.#retryAt = now + coolDown
    if (!this.isOpen || (this.#reportedAt !== undefined && now - this.#reportedAt < reportEvery)) return false
    this.#reportedAt = now
    return true
  }
}

/** The name of the server where there is only one. */
const onlyServer = "Redis"

/** One circuit breaker per server: a dead node of a cluster must not block calls to the others. */
export class CircuitBreakers {
  readonly #client: RedisClient
  readonly #breakers = new Map<string, CircuitBreaker>()

  constructor(client: RedisClient) {
    this.#client = client
  }

  /** The server that has this key, by its name in the log. */
  serverOf(key: string): string {
    const { slots } = this.#client instanceof Cluster ? this.#client : { slots: undefined }
    return slots?.[slotOf(key)]?.[0] ?? onlyServer
  }

  of(server: string): CircuitBreaker {
    let breaker = this.#breakers.get(server)
    if (breaker === undefined) this.#breakers.set(server, breaker = new CircuitBreaker())
    return breaker
  }

  /** All servers called so far: as many as the cluster ever had nodes. */
  get servers(): Iterable<string> {
    return this.#breakers.keys()
  }
}
