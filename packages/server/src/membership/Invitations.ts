import { Codec, Invitation, MemberRules, Membership, MembershipBounds, Token, Wake, WireError } from "@muster/domain"
import { Clock, Effect } from "effect"
import { hashToken } from "../access/Authenticator.ts"
import { Audit } from "../audit/Audit.ts"
import { Limits } from "../limit/Limits.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { roleFrom } from "./Members.ts"
import { inviteError, memberError } from "./refusals.ts"
import { idFrom, makeWorkspaceView } from "./WorkspaceView.ts"

const day = 24 * 60 * 60 * 1000

interface OfWorkspace {
  readonly params: { readonly workspaceId: string }
}
interface NewInvite extends OfWorkspace {
  readonly payload: {
    readonly email?: string | null
    readonly role?: string | null
    readonly expiresInDays?: number | null
  }
}

/** Returns what a body asks for. Source of the errors: `docs/protocol.md` 3.9. */
const wantedIn = Effect.fnUntraced(function*(
  { email: given, expiresInDays, role: named }: NewInvite["payload"],
  need: "required" | "optional"
) {
  const email = Invitation.normalEmail(given ?? "")
  if (email === "" && need === "required") return yield* WireError.required("email")
  if (email !== "" && !Invitation.isEmail(email)) return yield* WireError.invalid("email")
  const role = yield* roleFrom(Codec.goString(named) || "member")
  if (role === "owner") return yield* WireError.bad("cannot invite as owner")
  const days = expiresInDays ?? Invitation.days.default
  if (days < 1 || days > Invitation.days.max) {
    return yield* WireError.bad(`expires_in_days must be 1 to ${Invitation.days.max}`)
  }
  return { email: email || null, role, days }
})

const targetOf = ({ id, inviteeEmail }: Invitation.Invitation) => ({
  kind: "invitation",
  id,
  name: inviteeEmail
})

/** The handlers for the invitations of a workspace. */
export const makeInvitations = Effect.gen(function*() {
  const membership = yield* Membership.Membership
  const audit = yield* Audit
  const limits = yield* Limits
  const wake = yield* Wake.Wake
  const { bounds } = yield* ServerMetrics
  const view = yield* makeWorkspaceView
  const { invitations: bound } = yield* MembershipBounds.MembershipBounds

  return {
    invite: Effect.fn("Server.invite")(function*({ params, payload }: NewInvite, need: "required" | "optional") {
      const { userId: by, workspaceId } = yield* view(
        params.workspaceId,
        (role) => MemberRules.mayInvite(role, "member")
      )
      yield* limits.take("invitations", by)
      const { days, email, role } = yield* wantedIn(payload, need)
      const secret = yield* Invitation.generateSecret
      const expiresAt = (yield* Clock.currentTimeMillis) + days * day
      const made = yield* membership.invite({ workspaceId, by, role, email, hash: hashToken(secret), expiresAt }).pipe(
        Effect.tapErrorTag(
          "InviteRefused",
          ({ reason }) => reason === "full" ? Effect.sync(bounds.workspace_invitations) : Effect.void
        ),
        Effect.mapError(inviteError(bound))
      )
      yield* wake.publish(Wake.topic.workspace(workspaceId))
      yield* audit.record({
        action: "invitation.create",
        workspaceId,
        target: targetOf(made),
        details: { role, email, expires_in_days: days, prefix: Token.prefixOf(secret) }
      })
      return { ...made, secret, path: Invitation.pathOf(secret) }
    }),

    list: Effect.fnUntraced(function*({ params }: OfWorkspace) {
      const { workspaceId } = yield* view(params.workspaceId)
      return yield* membership.pendingInvitations(workspaceId).pipe(
        Effect.mapError((cause) => WireError.fault("failed to list invitations", cause))
      )
    }),

    revoke: Effect.fnUntraced(
      function*({ params }: { readonly params: { readonly workspaceId: string; readonly invitationId: string } }) {
        const { userId: by, workspaceId } = yield* view(
          params.workspaceId,
          (role) => MemberRules.mayInvite(role, "member")
        )
        const id = Invitation.InvitationId.make(yield* idFrom(params.invitationId, "invitation id"))
        const found = yield* membership.revokeInvitation({ workspaceId, by, id }).pipe(
          Effect.mapError(memberError("revoke invitation"))
        )
        if (!found) return yield* WireError.absent("invitation")
        yield* wake.publish(Wake.topic.workspace(workspaceId))
        yield* audit.record({
          action: "invitation.revoke",
          workspaceId,
          target: { kind: "invitation", id, name: null }
        })
      }
    )
  }
})
