import type { Runtime } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Effect } from "effect"
import type { BeatOutcome, BeatTransport } from "../metrics/ServerMetrics.ts"

/** A beat that takes this long, in ms, is logged with its parts. */
const slow = 500

/** How long each step of one beat took, in ms. */
export interface BeatParts {
  /** Until the runtime's row was found; part of `access`. */
  lookup: number
  access: number
  liveness: number
  probe: number
  claim: number
  /** How long the claim of each kind took. Claims run concurrently, so `claim` is not their sum. */
  claimByKind: Record<string, number>
  claimed: number
  probeTimedOut: boolean
  probeFailed: boolean
  claimFailed: boolean
}

const noKinds: Record<string, number> = {}

export const newParts = (): BeatParts => ({
  lookup: 0,
  access: 0,
  liveness: 0,
  probe: 0,
  claim: 0,
  claimByKind: noKinds,
  claimed: 0,
  probeTimedOut: false,
  probeFailed: false,
  claimFailed: false
})

const slowest = ({ access, claim, liveness, probe }: BeatParts) =>
  Object.entries({ access, claim, liveness, probe }).reduce((a, b) => b[1] > a[1] ? b : a)[0]

const flagsOf = (parts: BeatParts) => ({
  ...(parts.probeTimedOut ? { probe_timed_out: true } : {}),
  ...(parts.probeFailed ? { probe_failed: true } : {}),
  ...(parts.claimFailed ? { claim_failed: true } : {})
})

/**
 * Logs a beat that took over 500 ms, or whose probe timed out, with its parts. Beats that are slow for the same reason are
 * one condition: one line at the start, then one line each 10 min with a count.
 */
export const makeSlowLog = Effect.gen(function*() {
  const conditions = yield* Conditions
  return (
    id: Runtime.RuntimeId,
    by: BeatTransport | "wake",
    total: number,
    parts: BeatParts,
    outcome: BeatOutcome
  ): Effect.Effect<void> => {
    if (total < slow && !parts.probeTimedOut) return Effect.void
    const why = parts.probeTimedOut ? "the probe for work timed out" : `mostly ${slowest(parts)}`
    return conditions.begin(`slow:${why}`, `slow beat: ${why}`, {
      level: parts.probeTimedOut ? "Warn" : "Info",
      lapse: "beats are no longer slow for this reason",
      annotations: {
        runtime_id: id,
        by,
        outcome,
        total_ms: total,
        lookup_ms: parts.lookup,
        access_ms: parts.access - parts.lookup,
        liveness_ms: parts.liveness,
        probe_ms: parts.probe,
        claim_ms: parts.claimByKind,
        claimed: parts.claimed,
        ...flagsOf(parts)
      }
    })
  }
})
