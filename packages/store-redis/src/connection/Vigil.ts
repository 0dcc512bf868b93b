/** Answers that take longer than this, in ms, are not waited for awake. */
const near = 0.25

/** The longest that the loop stays awake after something was sent, in ms. */
const longest = 0.25

/** How much of the usual round trip the latest makes out. */
const share = 1 / 8

/** What a vigil needs of the process; times in ms, from any moment on. */
export interface VigilProcess {
  readonly now: () => number
  /** Calls back at the next turn of the event loop, which does not sleep before it. */
  readonly atNextTurn: (callback: () => void) => void
}

const thisProcess: VigilProcess = {
  now: () => performance.now(),
  atNextTurn: (callback) => void setImmediate(callback)
}

/**
 * Keeps the event loop from falling asleep while the answer of a Redis near by is about to come: to fall asleep and be woken
 * costs more time than such an answer takes, and no less of the processor. The loop sleeps as ever while nothing is under
 * way, where answers usually take longer than 0.25 ms, and 0.25 ms after the latest command.
 */
export class Vigil {
  readonly #process: VigilProcess
  #usual = Infinity
  #underWay = 0
  #until = 0
  #awake = false

  constructor(process: VigilProcess = thisProcess) {
    this.#process = process
  }

  /** Something was sent. What is answered is for `answered`. */
  sent(): number {
    const now = this.#process.now()
    this.#underWay++
    this.#until = now + longest
    if (!this.#awake && this.#usual <= near) {
      this.#awake = true
      this.#process.atNextTurn(this.#turn)
    }
    return now
  }

  /** What was sent at that moment was answered, or never will be. */
  answered(sentAt: number): void {
    this.#underWay--
    const took = this.#process.now() - sentAt
    this.#usual = this.#usual === Infinity ? took : this.#usual + (took - this.#usual) * share
  }

  readonly #turn = (): void => {
    if (this.#underWay > 0 && this.#process.now() < this.#until) this.#process.atNextTurn(this.#turn)
    else this.#awake = false
  }
}
