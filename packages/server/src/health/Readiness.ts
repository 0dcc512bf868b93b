import type { StoreUnavailable } from "@muster/domain"
import { Context, type Effect } from "effect"

/** What stands behind the contracts. */
export type EnvironmentName = "embedded" | "postgres" | "cluster" | "custom"

/** What `/readyz` asks: each check fails where its store cannot do what is needed, which is to write, or is out of date. */
export interface Readiness {
  readonly environment: EnvironmentName
  /**
   * By name: `db`, `migrations`, …; one about a single store has the store's name. Each answers within 2 s or counts as
   * failed. The error's `reason` is shown to people.
   */
  readonly checks: Readonly<Record<string, Effect.Effect<void, StoreUnavailable>>>
  /**
   * By check: what may fail soon although the check passes, as a sentence for anybody with what to do. Answers at once,
   * without asking a store.
   */
  readonly risks?: Effect.Effect<Readonly<Record<string, string>>>
  /**
   * What works less well than it could, although everything is done in the end, by name: why, as one sentence, or
   * undefined where it works as it should. Never makes the server unready.
   */
  readonly limits?: Readonly<Record<string, Effect.Effect<string | undefined>>>
}

/** Nothing unless the environment provides it: a server over stores of a stranger has no checks of its own. */
export const Readiness = Context.Reference<Readiness>("@muster/server/health/Readiness", {
  defaultValue: () => ({ environment: "custom", checks: {} })
})
