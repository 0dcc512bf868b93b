import { Conditions, pauseAsReturned, supervised } from "@muster/kit"
import { Context, Effect, Latch, Layer } from "effect"
import { ServerApi } from "../client/ServerApi.ts"
import type { Refused, Unreachable } from "../client/ServerError.ts"
import { Intervals } from "../Intervals.ts"
import { RuntimeSet } from "./RuntimeSet.ts"

const condition = "workspaces"

/**
 * Lists the workspaces of the daemon every 30 s. A failure changes nothing: an unknown workspace is not an absent one. The
 * call itself logs that the server is unreachable or rejects the token.
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
      const conditions = yield* Conditions
      const tried = yield* Latch.make()

      /** Returns the pause before the next attempt, in ms. */
      const failed = Effect.fnUntraced(function*(error: Refused | Unreachable) {
        if (error._tag === "Unreachable") return Math.max(intervals.sync, error.retryAfter ?? 0)
        if (!error.isAboutToken) {
          yield* conditions.begin(
            condition,
            `cannot list workspaces; check the server URL: ${error.message}`
          )
        }
        return Math.max(intervals.sync, intervals.refused)
      })

      const sync = server.workspaces.pipe(
        Effect.flatMap(set.setWorkspaces),
        Effect.andThen(conditions.end(condition, "listing workspaces works again")),
        Effect.as(intervals.sync),
        Effect.catch(failed),
        Effect.ensuring(tried.open)
      )
      yield* Effect.forkScoped(supervised("workspace sync", Effect.repeat(sync, pauseAsReturned)))
      return { firstAttempt: tried.await }
    })
  )
}
