import { Request, type Runtime } from "@muster/domain"
import { type Entry, makeEntry, rewrite } from "./Entry.ts"
import { Heap } from "./Heap.ts"
import { Lane } from "./Lane.ts"

/**
 * The maximum number of expired records that one call removes: more than a call can add, so that memory shrinks in any
 * stream.
 */
const cleanedPerCall = 16

/**
 * The content of a request store in memory. Layers built on the same state are nodes of one backend. All of it is
 * synchronous: a method is one atomic step.
 */
export class RequestState {
  readonly #records = new Map<Request.RequestId, Entry>()
  /** Only runtimes with unfinished requests, so that a probe of an idle one is one map lookup. */
  readonly #lanes = new Map<Runtime.RuntimeId, Map<string, Lane>>()
  readonly #expiries = new Heap<Entry>((a, b) => a.expiry < b.expiry)
  #sequence = 0

  /** The number of records, and of runtimes with unfinished ones. */
  get size(): number {
    return this.#records.size + this.#lanes.size
  }

  /** Removes records past their retention, a few per call, whether or not they were ever read. */
  clean(now: number): void {
    for (let left = cleanedPerCall; left > 0; left--) {
      const entry = this.#expiries.first()
      if (entry === undefined || entry.expiry >= now) return
      this.#forget(entry)
    }
  }

  /** The record with its limits applied; undefined: unknown, another runtime's, or past its retention. */
  find(runtime: Runtime.RuntimeId, id: Request.RequestId, now: number): Entry | undefined {
    const entry = this.#records.get(id)
    if (entry === undefined || entry.request.runtimeId !== runtime) return undefined
    if (entry.expiry < now) return this.#forget(entry)
    if (entry.deadline < now) this.write(entry, Request.elapse(entry.request, now))
    return entry
  }

  add(request: Request.Request): Entry {
    const entry = makeEntry(this.#sequence++, request)
    this.#records.set(request.id, entry)
    this.#expiries.put(entry)
    let lanes = this.#lanes.get(request.runtimeId)
    if (lanes === undefined) this.#lanes.set(request.runtimeId, lanes = new Map())
    let lane = lanes.get(request.kind)
    if (lane === undefined) lanes.set(request.kind, lane = new Lane())
    lane.place(entry)
    return entry
  }

  /** Replaces the record by a new version. */
  write(entry: Entry, request: Request.Request): void {
    rewrite(entry, request)
    this.#expiries.put(entry)
    this.#lanes.get(request.runtimeId)?.get(request.kind)?.place(entry)
    this.#closeIfEmpty(request)
  }

  /** The runtime's unfinished requests of a kind, after all limits were applied; undefined: none. */
  lane(runtime: Runtime.RuntimeId, kind: string, now: number): Lane | undefined {
    const lane = this.#lanes.get(runtime)?.get(kind)
    if (lane === undefined) return undefined
    for (let first = lane.first(); first !== undefined && first.deadline < now; first = lane.first()) {
      this.write(first, Request.elapse(first.request, now))
    }
    return lane.isEmpty ? undefined : lane
  }

  isIdle(runtime: Runtime.RuntimeId): boolean {
    return !this.#lanes.has(runtime)
  }

  /** The kinds of which the runtime has unfinished requests. */
  kinds(runtime: Runtime.RuntimeId): ReadonlyArray<string> {
    return [...this.#lanes.get(runtime)?.keys() ?? []]
  }

  #forget(entry: Entry): undefined {
    const { request } = entry
    this.#records.delete(request.id)
    this.#expiries.delete(entry)
    this.#lanes.get(request.runtimeId)?.get(request.kind)?.remove(entry)
    this.#closeIfEmpty(request)
  }

  #closeIfEmpty({ kind, runtimeId }: Request.Request): void {
    const lanes = this.#lanes.get(runtimeId)
    if (lanes?.get(kind)?.isEmpty !== true) return
    lanes.delete(kind)
    if (lanes.size === 0) this.#lanes.delete(runtimeId)
  }
}
