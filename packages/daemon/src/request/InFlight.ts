import type { Request, Runtime } from "@muster/domain"
import { HashMap, HashSet, Option } from "effect"

/** How many requests of one runtime are handled concurrently, and how many may be in flight. */
export const concurrencyPerRuntime = 4
export const maxPerRuntime = 512

/** Below this many in flight, a runtime whose last batch was full fetches more: not earlier, so that none waits here for long. */
const fetchMoreBelow = concurrencyPerRuntime

/** How many request ids are remembered at least. */
export const remembered = 4_096

/** The requests of one runtime that are waiting or being handled. */
interface Load {
  readonly count: number
  /** Whether more may wait on the server. */
  readonly more: boolean
}

/** The ids that were taken last, in two generations of at most `remembered`: the older one is forgotten as a whole. */
interface Seen {
  readonly recent: HashSet.HashSet<Request.RequestId>
  readonly older: HashSet.HashSet<Request.RequestId>
}

/** The requests that this process has taken. */
export interface InFlight {
  /** Only runtimes with requests in flight. */
  readonly loads: HashMap.HashMap<Runtime.RuntimeId, Load>
  readonly seen: Seen
}

export const nothingInFlight: InFlight = {
  loads: HashMap.empty(),
  seen: { recent: HashSet.empty(), older: HashSet.empty() }
}

const isSeen = ({ older, recent }: Seen, id: Request.RequestId) => HashSet.has(recent, id) || HashSet.has(older, id)

const withSeen = ({ older, recent }: Seen, id: Request.RequestId): Seen =>
  HashSet.size(recent) < remembered
    ? { older, recent: HashSet.add(recent, id) }
    : { older: recent, recent: HashSet.make(id) }

/** Returns how many requests of a runtime are in flight. */
export const inFlightOf = ({ loads }: InFlight, runtime: Runtime.RuntimeId): number =>
  Option.getOrElse(Option.map(HashMap.get(loads, runtime), ({ count }) => count), () => 0)

/** What of a delivery is to be handled, and how many requests are left to the server since the runtime has its maximum. */
export interface Taken<A> {
  readonly taken: ReadonlyArray<A>
  readonly left: number
}

/**
 * Takes the requests of a delivery that were not taken before, as many as the runtime may have in flight. One that is left is
 * not remembered: it is delivered again, or its limit passes. `more`: the delivery was full, so more may wait.
 */
export const takeRequests = <A extends { readonly id: Request.RequestId }>(
  state: InFlight,
  runtime: Runtime.RuntimeId,
  delivery: { readonly items: ReadonlyArray<A>; readonly more: boolean }
): readonly [Taken<A>, InFlight] => {
  const taken: Array<A> = []
  let [left, count, seen] = [0, inFlightOf(state, runtime), state.seen]
  for (const item of delivery.items) {
    if (isSeen(seen, item.id)) continue
    if (count >= maxPerRuntime) {
      left++
      continue
    }
    taken.push(item)
    count++
    seen = withSeen(seen, item.id)
  }
  if (count === 0) return [{ taken, left }, state]
  const more = delivery.more || Option.exists(HashMap.get(state.loads, runtime), (load) => load.more)
  return [{ taken, left }, { loads: HashMap.set(state.loads, runtime, { count, more }), seen }]
}

/** Removes one request of a runtime. True: the runtime is to fetch more now, and this is reported once per full delivery. */
export const finishRequest = (state: InFlight, runtime: Runtime.RuntimeId): readonly [boolean, InFlight] => {
  const { count, more } = Option.getOrElse(HashMap.get(state.loads, runtime), (): Load => ({ count: 0, more: false }))
  const fetch = more && count - 1 <= fetchMoreBelow
  const loads = count <= 1
    ? HashMap.remove(state.loads, runtime)
    : HashMap.set(state.loads, runtime, { count: count - 1, more: more && !fetch })
  return [fetch, { ...state, loads }]
}
