import { type Conditions } from "@muster/kit"
import { Effect } from "effect"
import type { Reports } from "./Outcomes.ts"

const refused = "redis-refusal"

/**
 * Reports in the log. Which server does not answer, and why, is said once: that the stores do not answer is said, and said
 * again, by whoever asks them. That Redis refuses writes is a condition: beats are written without anybody who waits.
 * `remember` takes the client's own faults, which say more than those of commands.
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
