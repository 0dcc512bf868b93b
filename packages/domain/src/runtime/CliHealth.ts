import { Schema } from "effect"
import { CliVerdict } from "./CliVerdict.ts"

/** One attempt to use a CLI: when (epoch ms), the outcome, and the version or the reason. */
export const CliAttempt = Schema.Struct({
  at: Schema.Finite,
  outcome: Schema.Literals(["worked", ...CliVerdict.literals]),
  /** A version that it reported, or why it failed; may be empty. */
  text: Schema.String
})
export type CliAttempt = typeof CliAttempt.Type

/** What is known about whether a runtime's CLI works. */
export const CliHealth = Schema.Struct({
  /** The last real use: its own list of models. Null: none yet. */
  used: Schema.NullOr(CliAttempt),
  /** The last `--version`, which shows only that it starts. Null: none yet. */
  started: Schema.NullOr(CliAttempt)
})
export type CliHealth = typeof CliHealth.Type

export const unknownCli: CliHealth = { used: null, started: null }

const later = (a: CliAttempt | null, b: CliAttempt | null): CliAttempt | null =>
  a === null || (b !== null && b.at >= a.at) ? b : a

/** The state after an attempt: of each kind the later one counts, in any order of arrival. */
export const afterAttempt = (known: CliHealth | null, attempt: Partial<CliHealth>): CliHealth => ({
  used: later(known?.used ?? null, attempt.used ?? null),
  started: later(known?.started ?? null, attempt.started ?? null)
})

/**
 * The attempt that decides whether the CLI works: a start that failed after the last use, else the last use, else the
 * last start. Null: none yet.
 */
export const decidingAttempt = (
  { started, used }: CliHealth
): { readonly kind: "used" | "started"; readonly attempt: CliAttempt } | null => {
  if (started !== null && (used === null || (started.outcome !== "worked" && started.at > used.at))) {
    return { kind: "started", attempt: started }
  }
  return used === null ? null : { kind: "used", attempt: used }
}
