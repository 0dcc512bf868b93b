/** One operation of a history: when it was called and when it returned, on one clock on which no two events share a tick. */
export interface Entry<Op> {
  readonly op: Op
  readonly called: number
  readonly returned: number
}

/** What ought to happen: the state before, one operation with its answer, and the state after; undefined: not possible. */
export interface Specification<State, Op> {
  readonly init: State
  readonly step: (state: State, op: Op) => State | undefined
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
 * next, passing over pairs of (operations done, state) that were met before.
 */
export const linearizable = <State, Op>(
  { init, key, step }: Specification<State, Op>,
  history: ReadonlyArray<Entry<Op>>
): Verdict<Op> => {
  const entries = history.toSorted((a, b) => a.called - b.called)
  const seen = new Set<string>()
  const order: Array<Op> = []
  let longest: ReadonlyArray<Op> = []

  const search = (done: bigint, state: State): boolean => {
    if (order.length > longest.length) longest = [...order]
    if (order.length === entries.length) return true
    const met = `${done.toString(36)} ${key(state)}`
    if (seen.has(met)) return false
    seen.add(met)
    // Only what was called before the first return of the rest may come next.
    let firstReturn = Number.POSITIVE_INFINITY
    for (const [i, entry] of entries.entries()) {
      if ((done & (1n << BigInt(i))) === 0n) firstReturn = Math.min(firstReturn, entry.returned)
    }
    for (const [i, entry] of entries.entries()) {
      const bit = 1n << BigInt(i)
      if ((done & bit) !== 0n || entry.called > firstReturn) continue
      const next = step(state, entry.op)
      if (next === undefined) continue
      order.push(entry.op)
      if (search(done | bit, next)) return true
      order.pop()
    }
    return false
  }

  return search(0n, init) ? { linearizable: true } : { linearizable: false, longest }
}
