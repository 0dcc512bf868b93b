import { DateTime, Effect, Schedule } from "effect"
import { useSyncExternalStore } from "react"
import { start } from "../api/RunCall.ts"

/** How often ages on the page are updated. */
const tick = "1 second"

let now = DateTime.toEpochMillis(DateTime.nowUnsafe())
const listeners = new Set<() => void>()
let stop: (() => void) | undefined

const step = Effect.sync(() => {
  now = DateTime.toEpochMillis(DateTime.nowUnsafe())
  for (const notify of listeners) notify()
})

const subscribe = (notify: () => void) => {
  listeners.add(notify)
  stop ??= start(Effect.schedule(step, Schedule.spaced(tick)))
  return () => {
    listeners.delete(notify)
    if (listeners.size > 0) return
    stop?.()
    stop = undefined
  }
}

/** The current time in epoch ms, updated each `every` ms (at least 1,000). */
export const useNow = (every = 1_000): number => useSyncExternalStore(subscribe, () => Math.floor(now / every) * every)

/** Returns the current time in epoch ms. */
export const momentNow = (): number => DateTime.toEpochMillis(DateTime.nowUnsafe())
