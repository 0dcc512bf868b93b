import type { UserId } from "../access/Identity.ts"
import type { Runtime } from "./Runtime.ts"

/**
 * Why runtimes were removed together with something else. `member_left`: their owner left the workspace, or was removed
 * by `by`; `workspace_deleted`: `by` deleted their workspace.
 */
export type Departure = "member_left" | "workspace_deleted"

/**
 * Why a runtime's row is provably absent. `unknown`: no row and no tombstone, so it never existed here or the tombstone
 * was removed (tombstones are kept for 30 days).
 */
export type Gone =
  | { readonly _tag: "Gone"; readonly reason: "deleted"; readonly by: UserId | null; readonly at: number }
  | { readonly _tag: "Gone"; readonly reason: Departure; readonly by: UserId | null; readonly at: number }
  | { readonly _tag: "Gone"; readonly reason: "expired"; readonly at: number }
  | { readonly _tag: "Gone"; readonly reason: "unknown" }

export type Lookup = { readonly _tag: "Found"; readonly runtime: Runtime } | Gone

export const gone = {
  deleted: (by: UserId | null, at: number): Gone => ({ _tag: "Gone", reason: "deleted", by, at }),
  departed: (reason: Departure, by: UserId | null, at: number) => ({ _tag: "Gone", reason, by, at }) as const,
  expired: (at: number): Gone => ({ _tag: "Gone", reason: "expired", at }),
  unknown: { _tag: "Gone", reason: "unknown" } as Gone
}

/** How long a tombstone is kept, in ms. */
export const tombstoneRetention = 30 * 24 * 60 * 60 * 1000
