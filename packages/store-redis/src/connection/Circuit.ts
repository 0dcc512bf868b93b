/** So many failures in a row, and the circuit is open. */
const tripAt = 3

/** How long (ms) an open circuit lets nothing through before it tries a single call. */
const coolDown = 1_000

/** A fault that persists is told again after this time (ms). */
const tellEvery = 600_000

/**
 * Spares a dead Redis calls, and the callers the wait for it: after three failures in a row nothing goes through but one
 * call a second, until one succeeds. Times are the machine's, epoch ms.
 */
export class Circuit {
  #failures = 0
  #retryAt = 0
  #toldAt: number | undefined

  /** How many calls failed since the last that did not. */
  get failures(): number {
    return this.#failures
  }

  get isOpen(): boolean {
    return this.#failures >= tripAt
  }

  /** Whether a call may go through now. Where the circuit is open, whoever is let through is the one that tries. */
  admits(now: number): boolean {
    if (!this.isOpen) return true
    if (now < this.#retryAt) return false
    this.#retryAt = now + coolDown
    return true
  }

  /** A call succeeded, or the connection is back. True: that is news to tell. */
  close(): boolean {
    const isNews = this.#toldAt !== undefined
    this.#failures = 0
    this.#toldAt = undefined
    return isNews
  }

  /** A call failed; `certain`: so will the next. True: that is news to tell, or was told long ago. */
  fail(now: number, certain: boolean): boolean {
    this.#failures = Math.max(this.#failures + 1, certain ? tripAt : 0)
    this.#retryAt = now + coolDown
    if (!this.isOpen || (this.#toldAt !== undefined && now - this.#toldAt < tellEvery)) return false
    this.#toldAt = now
    return true
  }
}
