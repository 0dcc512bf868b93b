import { Context, Effect, Latch, Layer } from "effect"
import { Intervals } from "../Intervals.ts"
import { ServerApi } from "../server/ServerApi.ts"
import { RuntimeSet } from "./RuntimeSet.ts"
import { unending } from "./Unending.ts"

/**
 * Asks every 30 s which workspaces the daemon is in. A failure leaves things as they are: what cannot be asked about is
 * not absent. (The call itself says what is wrong.)
 */
export class WorkspaceSync extends Context.Service<WorkspaceSync, {
  /** Waits until the first attempt is over, whatever its outcome. */
  readonly firstAttempt: Effect.Effect<void>
}>()("@muster/daemon/runtime/WorkspaceSync") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const server = yield* ServerApi
      const set = yield* RuntimeSet
      const intervals = yield* Intervals
      const tried = yield* Latch.make()

      const sync = server.workspaces.pipe(
        Effect.flatMap(set.setWorkspaces),
        Effect.as(intervals.sync),
        Effect.catch((error) =>
          Effect.succeed(
            error._tag === "Unreachable"
              ? Math.max(intervals.sync, error.retryAfter ?? 0)
              : Math.max(intervals.sync, intervals.refused)
          )
        ),
        Effect.ensuring(tried.open),
        Effect.flatMap(Effect.sleep)
      )
      yield* Effect.forkScoped(unending("workspace sync", Effect.forever(sync)))
      return { firstAttempt: tried.await }
    })
  )
}
