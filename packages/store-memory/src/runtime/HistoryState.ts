import { type Runtime, RuntimeHistory } from "@muster/domain"

/** The maximum number of histories; a new one replaces the least recently written. */
const maxHistories = 10_000

/** The histories of runtimes. Layers built on the same state are nodes of one backend. */
export class HistoryState {
  readonly #buckets = new Map<Runtime.RuntimeId, Map<number, RuntimeHistory.Bucket>>()

  /** Does nothing for a bucket before `oldest`. */
  add({ runtime, ...bucket }: RuntimeHistory.Row, oldest: number): void {
    if (bucket.at < oldest) return
    const known = this.#buckets.get(runtime) ?? new Map<number, RuntimeHistory.Bucket>()
    const same = known.get(bucket.at) ?? { at: bucket.at, beats: 0, covered: 0, maxMs: 0 }
    known.set(bucket.at, RuntimeHistory.merge(same, bucket))
    this.#buckets.delete(runtime)
    this.#buckets.set(runtime, known)
    if (this.#buckets.size > maxHistories) this.#buckets.delete(this.#buckets.keys().next().value!)
  }

  removeBefore(oldest: number): void {
    for (const [runtime, known] of this.#buckets) {
      for (const at of known.keys()) if (at < oldest) known.delete(at)
      if (known.size === 0) this.#buckets.delete(runtime)
    }
  }

  /** The oldest first. */
  of(runtime: Runtime.RuntimeId, since: number): ReadonlyArray<RuntimeHistory.Bucket> {
    return [...this.#buckets.get(runtime)?.values() ?? []]
      .filter(({ at }) => at >= since)
      .toSorted((a, b) => a.at - b.at)
      .slice(-RuntimeHistory.maxBuckets)
  }

  delete(runtime: Runtime.RuntimeId): void {
    this.#buckets.delete(runtime)
  }
}
