import { Context, Effect } from "effect"
import { all as kinds } from "../request/kinds/RequestKinds.ts"
import type { RuntimeStatus } from "../runtime/Runtime.ts"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"

/** How many runtimes of one provider have one status. */
export interface RuntimeCount {
  /** One of `Runtime.knownProviders`, or `other`. */
  readonly provider: string
  readonly status: RuntimeStatus
  readonly count: number
}

/** The numbers of a whole installation, of all workspaces. Without ids and names. */
export interface Counts {
  /** At most one per provider and status; a missing one is 0. */
  readonly runtimes: ReadonlyArray<RuntimeCount>
  /** Daemons by id; `online`: at least one of their runtimes is online. */
  readonly daemons: { readonly online: number; readonly offline: number }
  /** When the oldest undelivered request was created (epoch ms), as the journal knows it; null: there is none. */
  readonly oldestPending: number | null
  /** `oldestQueued`: since when the task may be claimed that waits longest (epoch ms); null: there is none. */
  readonly tasks: { readonly queued: number; readonly active: number; readonly oldestQueued: number | null }
}

/** How long a request of each kind may stay undelivered, in ms. After that it has timed out and does not wait. */
export const pendingLimits: ReadonlyMap<string, number> = new Map(
  kinds.map(({ name, terms }) => [name, terms.pending])
)

/**
 * Counts what the stores hold, for gauges; one call reads the tables once. By default undefined: the stores do not count.
 */
export const Census = Context.Reference<Effect.Effect<Counts | undefined, StoreUnavailable>>(
  "@muster/domain/fleet/Census",
  { defaultValue: () => Effect.undefined }
)
