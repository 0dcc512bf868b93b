import { Clock, Effect } from "effect"

/** The most lines of one sort within `window` (ms); what is over is counted. */
const burst = 50
const window = 10 * 60_000

/**
 * Writes lines at info about what goes well, such as a result that was delivered: 50 per 10 min at most. The first line after
 * some were left out says how many.
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
