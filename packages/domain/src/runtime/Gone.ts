import type { UserId } from "../access/Identity.ts"
import type { Runtime } from "./Runtime.ts"

/**
 * Why a runtime's row is provably absent. `unknown`: no row and no tombstone, so it never existed here or the tombstone
 * has been forgotten (tombstones are kept for 30 days).
 */
export type Gone =
  | { readonly _tag: "Gone"; readonly reason: "deleted"; readonly by: UserId | null; readonly at: number }
  | { readonly _tag: "Gone"; readonly reason: "expired"; readonly at: number }
  | { readonly _tag: "Gone"; readonly reason: "unknown" }

export type Lookup = { readonly _tag: "Found"; readonly runtime: Runtime } | Gone

export const gone = {
  deleted: (by: UserId | null, at: number): Gone => ({ _tag: "Gone", reason: "deleted", by, at }),
  expired: (at: number): Gone => ({ _tag: "Gone", reason: "expired", at }),
  unknown: { _tag: "Gone", reason: "unknown" } as Gone
}

/** How long a tombstone is kept, in ms. */
export const tombstoneRetention = 30 * 24 * 60 * 60 * 1000
