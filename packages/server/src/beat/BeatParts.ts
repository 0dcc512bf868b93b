import { Conditions, type RuntimeId } from "@muster/domain"
import { Effect } from "effect"
import type { BeatOutcome, Transport } from "../metrics/ServerMetrics.ts"

/** A beat that took this long, in ms, is written to the log with its parts. */
const slow = 500

/** Where the time of one beat went. All times in ms. */
export interface BeatParts {
  /** Until the row was known; part of `access`. */
  lookup: number
  access: number
  liveness: number
  look: number
  claim: number
  /** What the claim of each kind took; the claims run at the same time, so `claim` is not their sum. */
  claimByKind: Record<string, number>
  claimed: number
  lookTimedOut: boolean
  lookFailed: boolean
  claimFailed: boolean
}

const noKinds: Record<string, number> = {}

export const newParts = (): BeatParts => ({
  lookup: 0,
  access: 0,
  liveness: 0,
  look: 0,
  claim: 0,
  claimByKind: noKinds,
  claimed: 0,
  lookTimedOut: false,
  lookFailed: false,
  claimFailed: false
})

const slowest = ({ access, claim, liveness, look }: BeatParts) =>
  Object.entries({ access, claim, liveness, look }).reduce((a, b) => b[1] > a[1] ? b : a)[0]

const flagsOf = (parts: BeatParts) => ({
  ...(parts.lookTimedOut ? { look_timed_out: true } : {}),
  ...(parts.lookFailed ? { look_failed: true } : {}),
  ...(parts.claimFailed ? { claim_failed: true } : {})
})

/**
 * Writes a beat over 500 ms, or with a look that timed out, to the log, with its parts. Beats that are slow for the same
 * reason are one condition: one line, and one each 10 min with a count.
 */
export const makeSlowLog = Effect.gen(function*() {
  const conditions = yield* Conditions
  return (
    id: RuntimeId,
    by: Transport | "wake",
    total: number,
    parts: BeatParts,
    outcome: BeatOutcome
  ): Effect.Effect<void> => {
    if (total < slow && !parts.lookTimedOut) return Effect.void
    const why = parts.lookTimedOut ? "the look for work timed out" : `its ${slowest(parts)} took most of it`
    return conditions.begin(`slow:${why}`, `slow beat: ${why}`, {
      level: parts.lookTimedOut ? "Warn" : "Info",
      lapse: "beats are no longer slow for this reason",
      annotations: {
        runtime_id: id,
        by,
        outcome,
        total_ms: total,
        lookup_ms: parts.lookup,
        access_ms: parts.access - parts.lookup,
        liveness_ms: parts.liveness,
        look_ms: parts.look,
        claim_ms: parts.claimByKind,
        claimed: parts.claimed,
        ...flagsOf(parts)
      }
    })
  }
})
