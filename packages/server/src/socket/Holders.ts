import type { RuntimeId } from "@muster/domain"
import { Deferred, Effect } from "effect"

/** The most sockets of one runtime: those of a few processes that share its id until each has an id of its own. */
const most = 4

/** What a socket holds: the runtimes that it is still for. */
export interface Held {
  /** The process at its other end; empty where it does not say. */
  readonly instance: string
  readonly ids: Set<RuntimeId>
  /** Done once newer sockets hold all of its runtimes. */
  readonly replaced: Deferred.Deferred<void>
}

/**
 * Which socket of this replica serves a runtime. Of the sockets of a process that names itself the newest does, and of
 * all of a runtime the newest four: what floods one runtime with sockets costs the others nothing. `onReplaced` is told of each socket that
 * lost all its runtimes.
 */
export const makeHolders = (onReplaced: () => void) => {
  const holders = new Map<RuntimeId, ReadonlyArray<Held>>()

  const keep = (id: RuntimeId, held: ReadonlyArray<Held>) =>
    held.length === 0 ? holders.delete(id) : holders.set(id, held)

  const lose = (id: RuntimeId) => (held: Held) => {
    if (!held.ids.delete(id) || held.ids.size > 0) return
    onReplaced()
    Deferred.doneUnsafe(held.replaced, Effect.void)
  }

  const enter = (held: Held) => {
    for (const id of held.ids) {
      const others = holders.get(id) ?? []
      const kept = others.filter(({ instance }) => instance === "" || instance !== held.instance).slice(1 - most)
      keep(id, [...kept, held])
      others.filter((one) => !kept.includes(one)).forEach(lose(id))
    }
  }

  const leave = (held: Held) => {
    for (const id of held.ids) keep(id, (holders.get(id) ?? []).filter((one) => one !== held))
  }

  return {
    /** How many runtimes have a socket here. */
    size: () => holders.size,
    /** Holds these runtimes until the scope ends, or newer sockets take them. */
    hold: (ids: Iterable<RuntimeId>, instance: string) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          const held: Held = { instance, ids: new Set(ids), replaced: Deferred.makeUnsafe<void>() }
          enter(held)
          return held
        }),
        (held) => Effect.sync(() => leave(held))
      )
  }
}

export type Holders = ReturnType<typeof makeHolders>
