import { type Conditions } from "@muster/kit"
import { Effect } from "effect"
import type { Reports } from "./Outcomes.ts"

const refused = "redis-refusal"

/**
 * Writes reports to the log. A server that does not answer is logged once with the reason; the callers of the stores
 * log and repeat that they are unavailable. Refused writes are a condition, because no caller waits for beats.
 * `remember` takes the client's own faults, which are more precise than those of commands.
 */
export const makeReports = Effect.fnUntraced(function*(conditions: Conditions["Service"]) {
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const away = new Set<string>()
  let lastFault: unknown

  const silence: Reports["silence"] = (server, failures, cause) => {
    const known = away.has(server)
    if (failures === 0) away.delete(server)
    else away.add(server)
    const line = failures === 0
      ? Effect.logDebug("Redis answers again")
      : Effect.logWithLevel(known ? "Debug" : "Warn")("Redis does not answer", lastFault ?? cause)
    run(Effect.annotateLogs(line, { server, failures }))
  }
  const refusal: Reports["refusal"] = (reason) =>
    void run(
      reason === undefined ? conditions.end(refused, "Redis takes writes again") : conditions.begin(refused, reason)
    )
  const remember = (cause: unknown): void => {
    lastFault = cause
  }
  return { silence, refusal, remember }
})
