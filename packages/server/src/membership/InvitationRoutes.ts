import { Access, Api, Invitation, Membership, Security, Wake, WireError } from "@muster/domain"
import { Clock, Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Audit } from "../audit/Audit.ts"
import { invitationError } from "./refusals.ts"
import { idFrom } from "./WorkspaceView.ts"

const invitationIdFrom = (text: string) =>
  Effect.map(idFrom(text, "invitation id"), (id) => Invitation.InvitationId.make(id))

const unable = (what: string) => (cause: unknown) => WireError.fault(`failed to ${what}`, cause)

/** The routes for the invitations of the caller. Source: `docs/protocol.md` 3.9. */
export const layerInvitationRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "invitations",
  Effect.fn(function*(handlers) {
    const access = yield* Access.Access
    const membership = yield* Membership.Membership
    const audit = yield* Audit
    const wake = yield* Wake.Wake

    return handlers.handleAll({
      mine: Effect.fnUntraced(function*() {
        const { userId } = yield* Security.Caller
        return yield* membership.invitationsFor(userId).pipe(Effect.mapError(unable("list invitations")))
      }),

      one: Effect.fnUntraced(function*({ params }) {
        const { userId } = yield* Security.Caller
        const id = yield* invitationIdFrom(params.invitationId)
        const found = yield* membership.invitation({ id }).pipe(Effect.mapError(unable("load invitation")))
        if (Option.isNone(found)) return yield* WireError.absent("invitation")
        if (found.value.inviteeUserId !== userId) return yield* WireError.forbidden("invitation does not belong to you")
        const status = Invitation.statusAt(found.value, yield* Clock.currentTimeMillis)
        return { ...found.value, status }
      }),

      accept: Effect.fn("Server.acceptInvitation")(function*({ params }) {
        const { userId } = yield* Security.Caller
        const id = yield* invitationIdFrom(params.invitationId)
        const { invitation } = yield* membership.accept({ id }, userId).pipe(
          Effect.mapError(invitationError("accept invitation"))
        )
        const { role, workspaceId } = invitation
        yield* wake.publish(Wake.topic.workspace(workspaceId))
        yield* audit.record({
          action: "invitation.accept",
          workspaceId,
          target: { kind: "invitation", id, name: invitation.inviteeEmail },
          details: { role }
        })
        const members = yield* access.membersOf(workspaceId).pipe(Effect.mapError(unable("load member")))
        const joinedAt = members.find((member) => member.id === userId)?.joinedAt ?? invitation.updatedAt
        return { id: userId, workspaceId, userId, role, createdAt: joinedAt }
      }),

      decline: Effect.fnUntraced(function*({ params }) {
        const { userId } = yield* Security.Caller
        const id = yield* invitationIdFrom(params.invitationId)
        const { workspaceId } = yield* membership.decline(id, userId).pipe(
          Effect.mapError(invitationError("decline invitation"))
        )
        yield* wake.publish(Wake.topic.workspace(workspaceId))
        yield* audit.record({
          action: "invitation.revoke",
          workspaceId,
          target: { kind: "invitation", id, name: null },
          details: { declined: true }
        })
      })
    })
  })
)
