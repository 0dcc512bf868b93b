import { Access, Identity, Membership, Wake, WireError } from "@muster/domain"
import { Effect, Option } from "effect"
import { Authenticator } from "../access/Authenticator.ts"
import { Audit } from "../audit/Audit.ts"
import { Departures } from "./Departures.ts"
import { memberError } from "./refusals.ts"
import { idFrom, makeWorkspaceView } from "./WorkspaceView.ts"

interface OfWorkspace {
  readonly params: { readonly workspaceId: string }
}
interface OfMember {
  readonly params: { readonly workspaceId: string; readonly memberId: string }
}

const recordOf = (workspaceId: Identity.WorkspaceId, { email, id, joinedAt, name, role }: Identity.Member) => ({
  id,
  workspaceId,
  userId: id,
  role,
  createdAt: joinedAt,
  name,
  email,
  avatarUrl: null
})

const userIdFrom = (text: string) => Effect.map(idFrom(text, "member id"), (id) => Identity.UserId.make(id))

/** Returns the role that a body names, or fails with the protocol's error. Source: `docs/protocol.md` 3.9. */
export const roleFrom = (text: string) => {
  const role = (["owner", "admin", "member"] as const).find((one) => one === text)
  return role === undefined ? Effect.fail(WireError.bad("invalid member role")) : Effect.succeed(role)
}

/** The handlers for the members of a workspace. */
export const makeMembers = Effect.gen(function*() {
  const access = yield* Access.Access
  const membership = yield* Membership.Membership
  const authenticator = yield* Authenticator
  const departures = yield* Departures
  const audit = yield* Audit
  const wake = yield* Wake.Wake
  const view = yield* makeWorkspaceView

  const nameOf = (user: Identity.UserId) =>
    access.user(user).pipe(
      Effect.map(Option.match({ onNone: () => null, onSome: ({ name }) => name })),
      Effect.orElseSucceed(() => null)
    )
  const targetOf = (user: Identity.UserId) => Effect.map(nameOf(user), (name) => ({ kind: "member", id: user, name }))

  const depart = Effect.fnUntraced(function*(place: Membership.Place, by: Identity.UserId) {
    const departed = yield* membership.removeMember({ ...place, by }).pipe(
      Effect.mapError(memberError("remove member"))
    )
    yield* departures.announce(place.workspaceId, place.userId, departed)
    yield* audit.record({
      action: by === place.userId ? "member.leave" : "member.remove",
      workspaceId: place.workspaceId,
      target: yield* targetOf(place.userId),
      details: { runtimes: departed.runtimes.length }
    })
  })

  return {
    list: Effect.fnUntraced(function*({ params }: OfWorkspace) {
      const { workspaceId } = yield* view(params.workspaceId)
      const found = yield* access.membersOf(workspaceId).pipe(
        Effect.mapError((cause) => WireError.fault("failed to list members", cause))
      )
      return found.map((member) => recordOf(workspaceId, member))
    }),

    changeRole: Effect.fnUntraced(
      function*({ params, payload }: OfMember & { readonly payload: { readonly role?: string | null } }) {
        const { userId: by, workspaceId } = yield* view(params.workspaceId, (role) => role !== "member")
        const userId = yield* userIdFrom(params.memberId)
        if (!payload.role) return yield* WireError.required("role")
        const role = yield* roleFrom(payload.role)
        const from = yield* Effect.orElseSucceed(access.roleOf(userId, workspaceId), () => Option.none())
        const member = yield* membership.changeRole({ workspaceId, by, userId, role }).pipe(
          Effect.mapError(memberError("change the role of a member"))
        )
        yield* authenticator.forgetMember({ userId, workspaceId })
        yield* wake.publish(Wake.topic.workspace(workspaceId))
        yield* audit.record({
          action: "member.role",
          workspaceId,
          target: { kind: "member", id: userId, name: member.name },
          details: { from: Option.getOrNull(from), to: role }
        })
        return recordOf(workspaceId, member)
      }
    ),

    remove: Effect.fn("Server.removeMember")(function*({ params }: OfMember) {
      const { userId: by, workspaceId } = yield* view(params.workspaceId)
      const userId = yield* userIdFrom(params.memberId)
      yield* depart({ workspaceId, userId }, by)
    }),

    leave: Effect.fn("Server.leaveWorkspace")(function*({ params }: OfWorkspace) {
      const { userId, workspaceId } = yield* view(params.workspaceId)
      yield* depart({ workspaceId, userId }, userId)
    })
  }
})
