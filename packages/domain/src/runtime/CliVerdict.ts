import { Schema } from "effect"

/**
 * Why a CLI did not do what it was asked:
 * - `slow`: it gave no answer in time; it may answer the next time
 * - `unable`: it runs and does not do this (nobody is logged in, a release that is too old)
 * - `broken`: it cannot be run
 */
export const CliVerdict = Schema.Literals(["slow", "unable", "broken"])
export type CliVerdict = typeof CliVerdict.Type
