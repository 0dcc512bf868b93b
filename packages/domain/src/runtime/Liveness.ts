import { Context, type Effect } from "effect"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { Runtime, RuntimeId } from "./Runtime.ts"

/** The part of the row that a beat needs to decide whether the row must be written immediately. */
export type Beaten = Pick<Runtime, "id" | "status" | "lastSeenAt">

/**
 * Which runtimes beat recently. A beat is recorded immediately and reaches the registry's table in bulk
 * (`SeenBuffer.ts`); a runtime that was offline becomes online immediately. Time comes from `Clock`.
 */
export class Liveness extends Context.Service<Liveness, {
  /** Records a beat now. Fails only if it could be recorded nowhere. */
  readonly beat: (runtime: Beaten) => Effect.Effect<void, StoreUnavailable>
  /** Those of `ids` that beat within the liveness TTL. */
  readonly alive: (ids: ReadonlyArray<RuntimeId>) => Effect.Effect<ReadonlySet<RuntimeId>, StoreUnavailable>
  /** Removes the recorded beats, after a deregistration or a deletion. */
  readonly forget: (ids: ReadonlyArray<RuntimeId>) => Effect.Effect<void, StoreUnavailable>
  /** Writes the buffer to the table, in one statement. Runs automatically each flush interval and at close. */
  readonly flush: Effect.Effect<void, StoreUnavailable>
}>()("@muster/domain/runtime/Liveness") {}
