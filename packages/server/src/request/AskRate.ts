import { type Identity, WireError } from "@muster/domain"
import { Duration, Effect } from "effect"
import { RateLimiter } from "effect/persistence"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"

const window = Duration.minutes(1)

/**
 * Requests per minute on this replica: by one person, in one workspace. A request ends within 4 min, so this bounds the
 * unfinished ones, too.
 */
export const asksPerMinute = { person: 3_000, workspace: 6_000 }

/** Admits a request of a person in a workspace, or refuses it with a sentence. Each replica counts for itself. */
export const makeAskRate = Effect.gen(function*() {
  const limiter = yield* RateLimiter.make.pipe(Effect.provide(RateLimiter.layerStoreMemory))
  const { bounds } = yield* ServerMetrics

  const admit = (key: string, limit: number, refuse: () => ReturnType<typeof WireError.tooMany>) =>
    Effect.mapError(limiter.consume({ key, limit, window }), refuse)

  return (by: Identity.UserId, workspace: Identity.WorkspaceId) =>
    Effect.andThen(
      admit(`person ${by}`, asksPerMinute.person, () => {
        bounds.person_requests()
        return WireError.tooMany(
          `you asked ${asksPerMinute.person} times within a minute, which is the maximum: ask again in a minute`
        )
      }),
      admit(`workspace ${workspace}`, asksPerMinute.workspace, () => {
        bounds.workspace_requests()
        return WireError.tooMany(
          `this workspace was asked ${asksPerMinute.workspace} times within a minute, which is the maximum: ask again in a minute`
        )
      })
    )
})
