import type { StoreUnavailable } from "@muster/domain"
import { Context, type Effect } from "effect"

/** What stands behind the contracts. */
export type EnvironmentName = "embedded" | "postgres" | "cluster"

/** Asked by `/readyz`: each check fails where its store does not answer or is not up to date. */
export class Readiness extends Context.Service<Readiness, {
  readonly environment: EnvironmentName
  /** By name: `db`, `migrations`, … Each answers within 2 s or counts as failed. */
  readonly checks: Readonly<Record<string, Effect.Effect<void, StoreUnavailable>>>
}>()("@muster/server/health/Readiness") {}
