/** One operation of a history: when it was called and when it returned, on one clock on which no two events share a tick. */
export interface Entry<Op> {
  readonly op: Op
  readonly called: number
  /** `unheard` where no answer came: the operation happened at some moment after the call, or not at all. */
  readonly returned: number
}

/** When an operation returned that nobody heard the answer of. */
export const unheard = Number.POSITIVE_INFINITY

/** What ought to happen. */
export interface Specification<State, Op> {
  readonly init: State
  /** The states that one operation with its answer may lead to: none where it is not possible. */
  readonly step: (state: State, op: Op) => ReadonlyArray<State>
  /** Equal for equal states: lets the search pass over what it has seen. */
  readonly key: (state: State) => string
}

export type Verdict<Op> =
  | { readonly linearizable: true }
  /** `longest`: the longest order of operations that was possible; what follows it could not be. */
  | { readonly linearizable: false; readonly longest: ReadonlyArray<Op> }

/**
 * Whether some order of the operations explains every answer and keeps to real time: one that returned before another was
 * called comes first. The search of Wing and Gong with the memory of Lowe: depth first over the operations that may come
 * next, passing over pairs of (operations done, state) that were met before. What was not heard of may be left out.
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
    // Only what was called before the first return of the rest may come next.
    let firstReturn = unheard
    for (const [i, entry] of entries.entries()) {
      if ((done & (1n << BigInt(i))) === 0n) firstReturn = Math.min(firstReturn, entry.returned)
    }
    for (const [i, entry] of entries.entries()) {
      const bit = 1n << BigInt(i)
      if ((done & bit) !== 0n || entry.called > firstReturn) continue
      const isHeard = entry.returned !== unheard
      for (const next of step(state, entry.op)) {
        // To have happened without a trace is the same as not to have happened.
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
