import { Duplex } from "node:stream"
import type { Bridge } from "./Bridge.ts"
import { Channels } from "./Channels.ts"
import { type Batch, greeting, readBatches, readOpening } from "./Frames.ts"

/** What a client takes for its socket: it cuts what is written into batches and hands them to the bridge. */
export class VirtualConnection extends Duplex {
  readonly channels = new Channels()
  /** The names of the statements that the session keeps for it. */
  readonly statements = new Set<string>()
  readonly batches: Array<Batch> = []
  readonly #bridge: Bridge
  #started = false
  #received: Buffer = Buffer.alloc(0)

  constructor(bridge: Bridge) {
    super({ allowHalfOpen: false })
    this.#bridge = bridge
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    if (this.#started || this.#open()) this.#take()
    done()
  }

  override _final(done: () => void): void {
    this.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#bridge.leave(this)
    done(error)
  }

  /** Answers the first packet. The session behind is open already: it has no say in who may come in. */
  #open(): boolean {
    const first = readOpening(this.#received)
    if (first === undefined) return false
    this.#received = this.#received.subarray(first.length)
    if (first.opening === "startup") {
      this.#started = true
      this.push(greeting)
    } else if (first.opening === "ssl") {
      this.push("N")
    } else {
      // A statement runs within one turn of the event loop, so there is never one to cancel.
      this.destroy()
    }
    return this.#started
  }

  #take(): void {
    const { batches, ended, rest } = readBatches(this.#received)
    this.#received = rest
    this.batches.push(...batches)
    if (batches.length > 0) this.#bridge.wait(this)
    if (ended) this.destroy()
  }
}
