import { Schema } from "effect"

/**
 * Why a CLI did not do what was requested:
 * - `slow`: it gave no answer in time; a later call may succeed
 * - `unable`: it runs and cannot do this (not logged in, a release that is too old)
 * - `broken`: it cannot be run
 */
export const CliVerdict = Schema.Literals(["slow", "unable", "broken"])
export type CliVerdict = typeof CliVerdict.Type
