/** One operation of a history with the times of call and return, on one clock on which no two events share a tick. */
export interface Entry<Op> {
  readonly op: Op
  readonly called: number
  /** `unheard`: no answer arrived, so the operation happened at some moment after the call, or not at all. */
  readonly returned: number
}

/** The return time of an operation without an answer. */
export const unheard = Number.POSITIVE_INFINITY

/** The sequential specification. */
export interface Specification<State, Op> {
  readonly init: State
  /** The states to which one operation with its answer may lead; none: it is not possible. */
  readonly step: (state: State, op: Op) => ReadonlyArray<State>
  /** Equal for equal states, so that the search can skip visited ones. */
  readonly key: (state: State) => string
}

export type Verdict<Op> =
  | { readonly linearizable: true }
  /** `longest`: the longest possible order of operations; no order continues it. */
  | { readonly linearizable: false; readonly longest: ReadonlyArray<Op> }

/**
 * Whether some order of the operations explains every answer and respects real time: one that returned before another
 * was called precedes it. The search of Wing and Gong with the memory of Lowe: depth first over the operations that may
 * be next, skipping pairs of (operations done, state) that were visited. An operation without an answer may be left
 * out.
 */
export const linearizable = <State, Op>(
  { init, key, step }: Specification<State, Op>,
  history: ReadonlyArray<Entry<Op>>
): Verdict<Op> => {
  const entries = history.toSorted((a, b) => a.called - b.called)
  const heard = entries.filter(({ returned }) => returned !== unheard).length
  const seen = new Set<string>()
  const order: Array<Op> = []
  let longest: ReadonlyArray<Op> = []

  const search = (done: bigint, explained: number, state: State): boolean => {
    if (order.length > longest.length) longest = [...order]
    if (explained === heard) return true
    const stands = key(state)
    const met = `${done.toString(36)} ${stands}`
    if (seen.has(met)) return false
    seen.add(met)
    // Only operations called before the first return of the rest may be next.
    let firstReturn = unheard
    for (const [i, entry] of entries.entries()) {
      if ((done & (1n << BigInt(i))) === 0n) firstReturn = Math.min(firstReturn, entry.returned)
    }
    for (const [i, entry] of entries.entries()) {
      const bit = 1n << BigInt(i)
      if ((done & bit) !== 0n || entry.called > firstReturn) continue
      const isHeard = entry.returned !== unheard
      for (const next of step(state, entry.op)) {
        // An operation without an effect equals one that did not happen.
        if (!isHeard && key(next) === stands) continue
        order.push(entry.op)
        if (search(done | bit, explained + (isHeard ? 1 : 0), next)) return true
        order.pop()
      }
    }
    return false
  }

  return search(0n, 0, init) ? { linearizable: true } : { linearizable: false, longest }
}
