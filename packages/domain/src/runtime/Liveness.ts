import { Context, type Effect } from "effect"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { Runtime, RuntimeId } from "./Runtime.ts"

/** What a beat needs to know of the row: enough to tell whether the row must be written at once. */
export type Beaten = Pick<Runtime, "id" | "status" | "lastSeenAt">

/**
 * Who gave a sign of life lately. A beat is remembered at once and reaches the registry's table in bulk
 * (`SeenBuffer.ts`); a runtime that was offline turns online at once. Time comes from `Clock`.
 */
export class Liveness extends Context.Service<Liveness, {
  /** Records a sign of life now. Fails only where the sign could be recorded nowhere. */
  readonly beat: (runtime: Beaten) => Effect.Effect<void, StoreUnavailable>
  /** Those of `ids` that gave a sign of life within the liveness TTL. */
  readonly alive: (ids: ReadonlyArray<RuntimeId>) => Effect.Effect<ReadonlySet<RuntimeId>, StoreUnavailable>
  /** Forgets signs of life: after a deregistration or a deletion. */
  readonly forget: (ids: ReadonlyArray<RuntimeId>) => Effect.Effect<void, StoreUnavailable>
  /** Writes what is buffered to the table, in one statement. Runs by itself each flush interval and at close. */
  readonly flush: Effect.Effect<void, StoreUnavailable>
}>()("@muster/domain/runtime/Liveness") {}
