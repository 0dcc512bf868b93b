import type { Runtime } from "@muster/domain"

/** How a runtime is connected to this replica. */
export interface LocalRuntime {
  /** How many open sockets of this replica carry it. */
  sockets: number
  via: Runtime.Transport
  /** When it began to use this transport, and its last beat, in epoch ms; null: no beat yet. */
  since: number
  lastBeatAt: number | null
}

/** A runtime that beats over HTTP is no longer present after this long without a beat, in ms: its daemon need not deregister. */
const silence = 5 * 60_000

/** The runtimes that are connected to this replica. One without a socket is removed 5 to 10 min after its last beat. */
export class LocalPresence {
  readonly #all = new Map<Runtime.RuntimeId, LocalRuntime>()
  #swept = 0

  get size(): number {
    return this.#all.size
  }

  get(id: Runtime.RuntimeId): LocalRuntime | undefined {
    return this.#all.get(id)
  }

  /** Counts one more socket that carries the runtime. */
  join(id: Runtime.RuntimeId, now: number): void {
    const known = this.#all.get(id)
    this.#all.set(id, {
      sockets: (known?.sockets ?? 0) + 1,
      via: "socket",
      since: now,
      lastBeatAt: known?.lastBeatAt ?? null
    })
  }

  /** Counts one socket less. Returns true if it was the last one. */
  leave(id: Runtime.RuntimeId): boolean {
    const known = this.#all.get(id)
    if (known === undefined || --known.sockets > 0) return false
    this.#all.delete(id)
    return true
  }

  /** Records a beat. Returns true if the runtime's transport changed. */
  beat(id: Runtime.RuntimeId, via: Runtime.Transport, now: number): boolean {
    const known = this.#all.get(id)
    // An HTTP beat while a socket is open does not change the transport.
    if (known !== undefined && (known.via === via || known.sockets > 0)) {
      known.lastBeatAt = now
      return false
    }
    if (now - this.#swept > silence) this.#sweep(now)
    this.#all.set(id, { sockets: 0, via, since: now, lastBeatAt: now })
    return true
  }

  #sweep(now: number): void {
    this.#swept = now
    for (const [id, { lastBeatAt, sockets }] of this.#all) {
      if (sockets === 0 && now - (lastBeatAt ?? 0) > silence) this.#all.delete(id)
    }
  }
}
