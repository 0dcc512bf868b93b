import { type Identity, Liveness, type Membership, Wake } from "@muster/domain"
import { Context, Effect, Layer } from "effect"
import { Authenticator } from "../access/Authenticator.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"

/** How many runtimes' sockets are woken. The daemons of further ones learn it with the next beat. */
const maxWakes = 1_000

/**
 * What a replica does once runtimes and credentials have left a workspace with a member, or with the workspace itself: it
 * forgets them, and wakes the sockets that serve the runtimes, so that their daemons learn that they are gone. What is open
 * for the person ends by `MemberWatch`, on every replica.
 */
export class Departures extends Context.Service<Departures, {
  /** `member`: who left; null: the workspace was deleted. */
  readonly announce: (
    workspaceId: Identity.WorkspaceId,
    member: Identity.UserId | null,
    departed: Membership.Departed
  ) => Effect.Effect<void>
}>()("@muster/server/membership/Departures") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const authenticator = yield* Authenticator
      const directory = yield* RuntimeDirectory
      const liveness = yield* Liveness.Liveness
      const wake = yield* Wake.Wake
      return Departures.of({
        announce: Effect.fnUntraced(function*(workspaceId, member, { runtimes, tokens }) {
          if (member !== null) yield* authenticator.forgetMember({ userId: member, workspaceId })
          yield* Effect.forEach(tokens, authenticator.forget, { discard: true })
          yield* directory.forget(runtimes)
          if (runtimes.length > 0) yield* Effect.ignore(liveness.forget(runtimes))
          yield* wake.publish(Wake.topic.workspace(workspaceId))
          yield* Effect.forEach(runtimes.slice(0, maxWakes), (id) => wake.publish(Wake.topic.runtime(id)), {
            concurrency: 8,
            discard: true
          })
        })
      })
    })
  )
}
