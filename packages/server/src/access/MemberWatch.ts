import { type Identity, Membership } from "@muster/domain"
import { Context, Effect, Layer } from "effect"
import { Authenticator } from "./Authenticator.ts"
import { type EndWatch, makeEndWatch } from "./EndWatch.ts"

type Key = `${Identity.UserId} ${Identity.WorkspaceId}`

const placeOf = (key: Key): Membership.Place => {
  const [userId, workspaceId] = key.split(" ") as [Identity.UserId, Identity.WorkspaceId]
  return { userId, workspaceId }
}
const keyOf = ({ userId, workspaceId }: Membership.Place): Key => `${userId} ${workspaceId}`

/**
 * Notifies open connections (event streams, daemons' sockets, waiting calls) that their person is no longer a member of the
 * workspace: removed or left on any replica, or the workspace was deleted. See `makeEndWatch`.
 */
export class MemberWatch extends Context.Service<MemberWatch, EndWatch<Membership.Place>>()(
  "@muster/server/access/MemberWatch"
) {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const membership = yield* Membership.Membership
      const authenticator = yield* Authenticator
      const { end, watch } = yield* makeEndWatch({
        what: "memberships",
        look: (keys: ReadonlyArray<Key>) =>
          membership.outsiders(keys.map(placeOf)).pipe(
            Effect.tap((places) => Effect.forEach(places, authenticator.forgetMember, { discard: true })),
            Effect.map((places) => places.map(keyOf))
          )
      })
      return MemberWatch.of({
        end: (place) => end(keyOf(place)),
        watch: (place, onEnd) => watch(keyOf(place), onEnd)
      })
    })
  )
}
