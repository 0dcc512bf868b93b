import { describe, it } from "@effect/vitest"
import { Invitation } from "@muster/domain"
import { Effect } from "effect"
import { hashOf } from "../access/Fixture.ts"
import { allUnavailable } from "../runtime/Outage.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"
import { acceptanceTests } from "./Acceptance.ts"
import { claimTests } from "./Claims.ts"
import { newcomer, peopleScene } from "./Fixture.ts"
import { invitationTests } from "./Invitations.ts"
import { removalTests } from "./Removal.ts"
import { roleTests } from "./Roles.ts"
import { workspaceChangeTests } from "./WorkspaceChanges.ts"

const id = Invitation.InvitationId.make("00000000-0000-4000-8000-000000000000")

const outage = (backend: StoreBackend): void => {
  it.effect("with the backend down every call is unavailable, never absent and never refused", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, outage, place } = yield* peopleScene(backend)
      yield* a.membership.invite(invitation(1))
      yield* b.membership.pendingInvitations(place.workspaceId)
      yield* outage
      const change = { ...place, by: ada.id }
      for (const { membership } of [a, b]) {
        yield* allUnavailable([
          membership.changeRole({ ...change, userId: ada.id, role: "member" }),
          membership.removeMember({ ...change, userId: ada.id }),
          membership.outsiders([{ ...place, userId: ada.id }]),
          membership.invite(invitation(2)),
          membership.pendingInvitations(place.workspaceId),
          membership.invitationsFor(ada.id),
          membership.invitation({ hash: hashOf(1) }),
          membership.revokeInvitation({ ...change, id }),
          membership.accept({ hash: hashOf(1) }, newcomer(1)),
          membership.decline(id, ada.id),
          membership.editUser(ada.id, { name: "Ada" }),
          membership.editWorkspace({ ...change, edit: { name: "Lab" } }),
          membership.contentsOf(place.workspaceId)
        ])
      }
    }))
}

/** What every Membership does, on two nodes of one backend. */
export const membershipSuite = (backend: StoreBackend): void => {
  describe(`membership · ${backend.name}`, () => {
    roleTests(backend)
    removalTests(backend)
    invitationTests(backend)
    acceptanceTests(backend)
    claimTests(backend)
    workspaceChangeTests(backend)
    outage(backend)
  })
}
