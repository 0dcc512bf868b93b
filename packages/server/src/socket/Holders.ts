import type { Runtime } from "@muster/domain"

/** How many sockets one runtime may have: a few processes share its id until each has its own. */
const maxSockets = 4

/** A socket. */
export interface Held {
  /** The id of the daemon's process; empty if it sends none. */
  readonly instance: string
  /** The runtimes that it still serves. */
  readonly serves: Set<Runtime.RuntimeId>
  /** Called when newer sockets serve all of its runtimes. */
  readonly replaced: () => void
}

/**
 * Decides which sockets of this replica serve a runtime: of one process the newest, and of all processes the newest four.
 * So a flood of sockets for one runtime does not affect others. Calls `onReplaced` for each socket that lost all its
 * runtimes.
 */
export const makeHolders = (onReplaced: () => void) => {
  const holders = new Map<Runtime.RuntimeId, ReadonlyArray<Held>>()

  const keep = (id: Runtime.RuntimeId, held: ReadonlyArray<Held>) =>
    held.length === 0 ? holders.delete(id) : holders.set(id, held)

  const lose = (id: Runtime.RuntimeId) => (held: Held) => {
    if (!held.serves.delete(id) || held.serves.size > 0) return
    onReplaced()
    held.replaced()
  }

  const enter = (held: Held) => {
    for (const id of held.serves) {
      const others = holders.get(id) ?? []
      const kept = others.filter(({ instance }) => instance === "" || instance !== held.instance).slice(1 - maxSockets)
      keep(id, [...kept, held])
      others.filter((one) => !kept.includes(one)).forEach(lose(id))
    }
  }

  const leave = (held: Held) => {
    for (const id of held.serves) keep(id, (holders.get(id) ?? []).filter((one) => one !== held))
  }

  return {
    /** How many runtimes have a socket on this replica. */
    size: () => holders.size,
    /** Serves the runtimes of this socket, until newer sockets replace it. Returns what ends this. */
    hold: (held: Held) => {
      enter(held)
      return () => leave(held)
    }
  }
}
