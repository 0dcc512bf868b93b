import { Clock, Effect } from "effect"

/** The maximum number of lines of one kind within `window` (ms); others are counted. */
const burst = 50
const window = 10 * 60_000

/**
 * Writes info lines about routine events, such as a delivered result: at most 50 per 10 min. The next line after omitted ones
 * contains their number.
 */
export const makeRoutineLog = Effect.sync(() => {
  let since = -Infinity
  let written = 0
  let leftOut = 0
  return Effect.fnUntraced(function*(text: string) {
    const now = yield* Clock.currentTimeMillis
    // A clock that was set back must not keep the log silent.
    if (Math.abs(now - since) >= window) {
      since = now
      written = 0
    }
    if (written >= burst) return void leftOut++
    const more = leftOut === 0 ? "" : `; left out ${leftOut} lines like this`
    written++
    leftOut = 0
    yield* Effect.logInfo(text + more)
  })
})
