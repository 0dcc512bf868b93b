import { useSyncExternalStore } from "react"

let reachable = true
const listeners = new Set<() => void>()

/** Records whether the last call reached the server. */
export const noteReach = (isReached: boolean): void => {
  if (reachable === isReached) return
  reachable = isReached
  for (const notify of listeners) notify()
}

const subscribe = (notify: () => void) => {
  listeners.add(notify)
  return () => void listeners.delete(notify)
}

/** Whether the last call of the page reached the server. */
export const useReachable = (): boolean => useSyncExternalStore(subscribe, () => reachable)
