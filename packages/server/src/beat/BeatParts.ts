import type { Runtime } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Effect } from "effect"
import type { BeatOutcome, BeatTransport } from "../metrics/ServerMetrics.ts"

/** A beat that takes this long, in ms, is logged with its parts. */
const slow = 500

/** The steps of a beat, one after the other. */
type Step = "access" | "liveness" | "probe" | "claim"

/** How long each step of one beat took, in ms. */
export interface BeatParts {
  /** When the beat began (epoch ms). */
  readonly start: number
  /** The step under way, and when it began (epoch ms). */
  step: Step
  since: number
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

export const newParts = (start: number, step: Step): BeatParts => ({
  start,
  step,
  since: start,
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

/** Adds the time until `now` (epoch ms) to the step under way, and begins the next one. */
export const endStep = (parts: BeatParts, now: number, next: Step = parts.step): void => {
  parts[parts.step] += now - parts.since
  parts.step = next
  parts.since = now
}

const slowest = ({ access, claim, liveness, probe }: BeatParts) =>
  Object.entries({ access, claim, liveness, probe }).reduce((a, b) => b[1] > a[1] ? b : a)[0]

const flagsOf = (parts: BeatParts) => ({
  ...(parts.probeTimedOut ? { probe_timed_out: true } : {}),
  ...(parts.probeFailed ? { probe_failed: true } : {}),
  ...(parts.claimFailed ? { claim_failed: true } : {})
})

/** Whether a beat that took `total` ms is logged: over 500 ms, or its probe timed out. */
export const isSlow = (total: number, parts: BeatParts): boolean => total >= slow || parts.probeTimedOut

/**
 * Logs a beat for which `isSlow` holds, with its parts. Beats that are slow for the same reason are
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
