import { Conditions, endPausesOn, pauseAsReturned, supervised } from "@muster/kit"
import { Context, Effect, Latch, Layer, Random } from "effect"
import { MachineAccess } from "../client/MachineAccess.ts"
import { ServerApi } from "../client/ServerApi.ts"
import type { Refused, Unreachable } from "../client/ServerError.ts"
import { Intervals } from "../Intervals.ts"
import { AllowedRepositories } from "../repository/AllowedRepositories.ts"
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
      const allowed = yield* AllowedRepositories
      const intervals = yield* Intervals
      const conditions = yield* Conditions
      const machine = yield* MachineAccess
      const tried = yield* Latch.make()
      // A machine that was removed learns it by the first call that is refused.
      const pauses = machine === undefined
        ? pauseAsReturned
        : endPausesOn<number>({ wake: machine.awaitRefusal, least: () => Effect.succeed(0) })(pauseAsReturned)

      /** A machine that was removed does no work. Joins again where it can. Returns the pause before the next attempt, in ms. */
      const refused = Effect.fnUntraced(function*(machine: MachineAccess) {
        yield* set.setWorkspaces([])
        yield* allowed.listed([])
        if (yield* machine.rejoin) return 0
        // What this attempt found is no news.
        yield* machine.clearRefusals
        return intervals.removed * (1 + (yield* Random.next))
      })

      /** Returns the pause before the next attempt, in ms. */
      const failed = Effect.fnUntraced(function*(error: Refused | Unreachable) {
        if (error._tag === "Unreachable") return Math.max(intervals.sync, error.retryAfter ?? 0)
        if (!error.isAboutToken) {
          yield* conditions.begin(
            condition,
            `cannot list workspaces; check the server URL: ${error.message}`
          )
        }
        if (error.isAboutToken && machine !== undefined) return yield* refused(machine)
        return Math.max(intervals.sync, intervals.refused)
      })

      const sync = server.workspaces.pipe(
        Effect.tap(set.setWorkspaces),
        Effect.tap(conditions.end(condition, "listing workspaces works again")),
        // Nothing waits for the lists of repositories.
        Effect.tap(tried.open),
        Effect.flatMap(allowed.listed),
        Effect.as(intervals.sync),
        Effect.catch(failed),
        Effect.ensuring(tried.open)
      )
      yield* Effect.forkScoped(supervised("workspace sync", Effect.repeat(sync, pauses)))
      return { firstAttempt: tried.await }
    })
  )
}
