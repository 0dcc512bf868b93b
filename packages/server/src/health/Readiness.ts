import type { Store } from "@muster/domain"
import { Context, type Effect } from "effect"

/** Which stores are behind the contracts. */
export type EnvironmentName = "embedded" | "postgres" | "cluster" | "custom"

/** The checks of `/readyz`: each fails if its store cannot write or is out of date. */
export interface Readiness {
  readonly environment: EnvironmentName
  /**
   * By name: `db`, `migrations`, …; the check of a single store has the store's name. A check that does not end within
   * 2 s counts as failed. The error's `reason` is shown to people.
   */
  readonly checks: Readonly<Record<string, Effect.Effect<void, Store.StoreUnavailable>>>
  /**
   * By check: why the store may fail soon although its check passes, as one sentence with what to do. Returns
   * immediately, without a call to a store.
   */
  readonly risks?: Effect.Effect<Readonly<Record<string, string>>>
  /**
   * Features that may work with restrictions, by name: why, as one sentence, or undefined if there is no restriction. Never
   * makes the server unready.
   */
  readonly limits?: Readonly<Record<string, Effect.Effect<string | undefined>>>
}

/** No checks by default: a server over custom stores provides its own. */
export const Readiness = Context.Reference<Readiness>("@muster/server/health/Readiness", {
  defaultValue: () => ({ environment: "custom", checks: {} })
})
