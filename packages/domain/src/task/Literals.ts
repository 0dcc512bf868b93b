/** A text to find, and what its end means to the caller. */
export interface Literal<Kind extends string> {
  readonly text: string
  readonly kind: Kind
}

/**
 * A state of the automaton of Aho and Corasick: what was read so far ends with the first `depth` characters of a
 * literal, and with no longer part of one.
 */
export interface LiteralState<Kind extends string> {
  readonly depth: number
  /** The literals that end here, longest first. */
  readonly ends: ReadonlyArray<Literal<Kind>>
  /** The kinds of the literals that begin with this part. */
  readonly begins: ReadonlySet<Kind>
  readonly next: ReadonlyMap<number, LiteralState<Kind>>
  /** The state for the next shorter part; null: this is the start. */
  readonly shorter: LiteralState<Kind> | null
}

interface Building<Kind extends string> extends LiteralState<Kind> {
  ends: ReadonlyArray<Literal<Kind>>
  readonly begins: Set<Kind>
  readonly next: Map<number, Building<Kind>>
  shorter: Building<Kind> | null
}

const empty = <Kind extends string>(depth: number): Building<Kind> => ({
  depth,
  ends: [],
  begins: new Set(),
  next: new Map(),
  shorter: null
})

/** Returns the start of an automaton that finds all these literals, each occurrence of each. */
export const literalsOf = <Kind extends string>(literals: ReadonlyArray<Literal<Kind>>): LiteralState<Kind> => {
  const root = empty<Kind>(0)
  for (const literal of literals) {
    let state = root
    for (let at = 0; at < literal.text.length; at++) {
      const code = literal.text.charCodeAt(at)
      const known = state.next.get(code) ?? empty<Kind>(at + 1)
      state.next.set(code, known)
      known.begins.add(literal.kind)
      state = known
    }
    state.ends = [...state.ends, literal]
  }
  // Breadth first: the shorter states of a state are complete before it.
  const states = [root]
  for (const state of states) {
    for (const [code, child] of state.next) {
      let shorter = state.shorter
      while (shorter !== null && !shorter.next.has(code)) shorter = shorter.shorter
      child.shorter = shorter?.next.get(code) ?? root
      child.ends = [...child.ends, ...child.shorter.ends]
      states.push(child)
    }
  }
  return root
}
