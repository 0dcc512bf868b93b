import { GrowingBytes } from "@muster/kit"
import { Duplex } from "node:stream"
import type { Bridge } from "./Bridge.ts"
import { Channels } from "./Channels.ts"
import { type Batch, greeting, type OpenBatch, readBatches, readOpening } from "./Frames.ts"

/** A client's socket: it cuts what is written into batches and passes them to the bridge. */
export class VirtualConnection extends Duplex {
  readonly channels = new Channels()
  /** The names of the statements that the session keeps for it. */
  readonly statements = new Set<string>()
  readonly batches: Array<Batch> = []
  readonly #bridge: Bridge
  #started = false
  readonly #received = new GrowingBytes()
  #unfinished: OpenBatch | undefined

  constructor(bridge: Bridge) {
    super({ allowHalfOpen: false })
    this.#bridge = bridge
  }

  /** What was received and not yet read. */
  get #held(): Buffer {
    const { buffer, byteLength, byteOffset } = this.#received.view
    return Buffer.from(buffer, byteOffset, byteLength)
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#received.append(chunk)
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

  /** Answers the first packet. The session is open already, so it does no authentication. */
  #open(): boolean {
    const first = readOpening(this.#held)
    if (first === undefined) return false
    this.#received.drop(first.length)
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
    const { batches, ended, open, rest } = readBatches(this.#held, this.#unfinished)
    this.#received.drop(this.#received.length - rest.length)
    this.#unfinished = open
    this.batches.push(...batches)
    if (batches.length > 0) this.#bridge.wait(this)
    if (ended) this.destroy()
  }
}
