import type { RuntimeId, Transport } from "@muster/domain"

/** How this replica hears a runtime. */
export interface HeardHere {
  /** Sockets with it that are open here. */
  sockets: number
  via: Transport
  /** Since when it is heard in this way, and its last beat, epoch ms; null: none yet. */
  since: number
  lastBeatAt: number | null
}

/** A runtime that beats over HTTP and has not for so long (ms) is not heard here any more: there is no goodbye. */
const silence = 5 * 60_000

/** The runtimes that this replica hears. Those without a socket are forgotten 5 to 10 min after their last beat. */
export class HeardRuntimes {
  readonly #all = new Map<RuntimeId, HeardHere>()
  #swept = 0

  get size(): number {
    return this.#all.size
  }

  get(id: RuntimeId): HeardHere | undefined {
    return this.#all.get(id)
  }

  /** A socket with it was opened. */
  join(id: RuntimeId, now: number): void {
    const known = this.#all.get(id)
    this.#all.set(id, {
      sockets: (known?.sockets ?? 0) + 1,
      via: "socket",
      since: now,
      lastBeatAt: known?.lastBeatAt ?? null
    })
  }

  /** A socket with it ended. True: it was the last one. */
  leave(id: RuntimeId): boolean {
    const known = this.#all.get(id)
    if (known === undefined || --known.sockets > 0) return false
    this.#all.delete(id)
    return true
  }

  /** It beat. True: it is heard in another way than before. */
  beat(id: RuntimeId, via: Transport, now: number): boolean {
    const known = this.#all.get(id)
    // A beat over HTTP beside an open socket tells nothing new.
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
