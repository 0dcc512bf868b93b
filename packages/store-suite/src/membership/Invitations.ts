import { it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { type Identity, Invitation, MemberRules, MembershipBounds } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { hashOf } from "../access/Fixture.ts"
import { day, idsOf, makeWorkspace, minute, start } from "../runtime/Fixture.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"
import { newcomer, outcomes, peopleScene, reasonOf, roles } from "./Fixture.ts"

const unknown = Invitation.InvitationId.make("00000000-0000-4000-8000-000000000000")
const bounds = { invitations: 1_000, members: 1_000, workspaces: 1_000 }

/** A-01, for making and ending invitations. */
export const invitationTests = (backend: StoreBackend): void => {
  it.effect("A-01 an invitation is known on every replica by its id and by its link's hash", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, person, workspace } = yield* peopleScene(backend)
      const bob = yield* person("bob")
      yield* TestClock.adjust(minute)
      const made = yield* a.membership.invite(invitation(1, { email: bob.email, role: "admin" }))
      deepStrictEqual(made, {
        id: made.id,
        workspaceId: workspace.id,
        workspaceName: "ACME",
        workspaceSlug: "acme",
        inviterId: ada.id,
        inviterName: "Ada",
        inviterEmail: "ada@example.org",
        inviteeEmail: "bob@example.org",
        inviteeUserId: bob.id,
        role: "admin",
        status: "pending",
        createdAt: start + minute,
        updatedAt: start + minute,
        expiresAt: start + 7 * day
      })
      assertSome(yield* b.membership.invitation({ id: made.id }), made)
      assertSome(yield* b.membership.invitation({ hash: hashOf(1) }), made)
      assertNone(yield* b.membership.invitation({ hash: hashOf(2) }))
      assertNone(yield* b.membership.invitation({ id: unknown }))
      yield* TestClock.adjust(1)
      const link = yield* b.membership.invite(invitation(2))
      deepStrictEqual([link.inviteeEmail, link.inviteeUserId], [null, null])
      deepStrictEqual(yield* a.membership.pendingInvitations(workspace.id), [link, made])
      deepStrictEqual(yield* a.membership.invitationsFor(bob.id), [made])
    }))

  it.effect("A-01 owners and admins invite, members do not, and an owner cannot be invited (mayInvite)", () =>
    Effect.gen(function*() {
      const { a, invitation, member, person, place } = yield* peopleScene(backend)
      let n = 10
      for (const by of roles) {
        const { id } = yield* member(by, by)
        for (const role of roles) {
          const made = yield* outcomes([a.membership.invite(invitation(n++, { by: id, role }))])
          deepStrictEqual(made, [MemberRules.mayInvite(by, role) ? "done" : "forbidden"])
        }
      }
      const eve = yield* person("eve")
      strictEqual(yield* reasonOf(a.membership.invite(invitation(1, { by: eve.id }))), "outsider")
      strictEqual((yield* a.membership.pendingInvitations(place.workspaceId)).length, 4)
    }))

  it.effect("A-01 a member and a person with a pending invitation are not invited again", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation } = yield* peopleScene(backend)
      const email = "bob@example.org"
      strictEqual(yield* reasonOf(b.membership.invite(invitation(1, { email: ada.email }))), "member")
      yield* a.membership.invite(invitation(2, { email, expiresAt: start + minute }))
      strictEqual(yield* reasonOf(b.membership.invite(invitation(3, { email }))), "pending")
      yield* TestClock.adjust(minute)
      yield* b.membership.invite(invitation(4, { email }))
      const many = Array.from({ length: 8 }, (_, i) => invitation(20 + i, { email: "carl@example.org" }))
      deepStrictEqual(
        yield* outcomes(many.map((one, i) => (i % 2 === 0 ? a : b).membership.invite(one))),
        ["done", ...Array.from({ length: 7 }, () => "pending")]
      )
    }))

  it.effect("A-01 a workspace has at most the maximum number of pending invitations; ended ones do not count", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, place } = yield* peopleScene(backend)
      const invite = (n: number, more: Parameters<typeof invitation>[1] = {}) =>
        Effect.provideService(b.membership.invite(invitation(n, more)), MembershipBounds.MembershipBounds, {
          ...bounds,
          invitations: 3
        })
      yield* invite(1, { expiresAt: start + minute })
      const { id } = yield* invite(2)
      yield* invite(3)
      strictEqual(yield* reasonOf(invite(4)), "full")
      yield* TestClock.adjust(minute)
      yield* invite(5)
      yield* a.membership.revokeInvitation({ ...place, by: ada.id, id })
      yield* invite(6)
      strictEqual(yield* reasonOf(invite(7)), "full")
    }))

  it.effect("A-01 owners and admins revoke invitations of their workspace; an ended one does not change", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, member, person, place } = yield* peopleScene(backend)
      const [bob, carl, eve] = [yield* member("bob", "member"), yield* member("carl", "admin"), yield* person("eve")]
      const other = yield* makeWorkspace(a, "other", eve.id)
      const { id } = yield* a.membership.invite(invitation(1))
      const revoke = (by: Identity.User, workspaceId = place.workspaceId, one = id) =>
        b.membership.revokeInvitation({ workspaceId, by: by.id, id: one })
      strictEqual(yield* reasonOf(revoke(bob)), "forbidden")
      strictEqual(yield* reasonOf(revoke(eve)), "outsider")
      strictEqual(yield* revoke(eve, other.id), false)
      strictEqual(yield* revoke(ada, place.workspaceId, unknown), false)
      strictEqual((yield* a.membership.pendingInvitations(place.workspaceId)).length, 1)
      yield* TestClock.adjust(minute)
      strictEqual(yield* revoke(carl), true)
      yield* TestClock.adjust(minute)
      strictEqual(yield* revoke(carl), true)
      const found = Option.getOrThrow(yield* a.membership.invitation({ id }))
      deepStrictEqual([found.status, found.updatedAt], ["revoked", start + minute])
      const accepted = yield* a.membership.invite(invitation(2))
      yield* b.membership.accept({ hash: hashOf(2) }, newcomer(1))
      strictEqual(yield* revoke(carl, place.workspaceId, accepted.id), true)
      strictEqual(Option.getOrThrow(yield* a.membership.invitation({ id: accepted.id })).status, "accepted")
    }))

  it.effect("A-01 the invited person declines; another person cannot, nor can an ended invitation be declined", () =>
    Effect.gen(function*() {
      const { a, b, invitation, person, place } = yield* peopleScene(backend)
      const [bob, eve] = [yield* person("bob"), yield* person("eve")]
      const { id } = yield* a.membership.invite(invitation(1, { email: bob.email }))
      const link = yield* a.membership.invite(invitation(2))
      strictEqual(yield* reasonOf(b.membership.decline(id, eve.id)), "another")
      strictEqual(yield* reasonOf(b.membership.decline(link.id, eve.id)), "another")
      strictEqual(yield* reasonOf(b.membership.decline(unknown, eve.id)), "unknown")
      strictEqual((yield* b.membership.decline(id, bob.id)).status, "declined")
      strictEqual(yield* reasonOf(a.membership.decline(id, bob.id)), "declined")
      strictEqual(yield* reasonOf(a.membership.accept({ id }, bob.id)), "declined")
      deepStrictEqual(yield* a.membership.invitationsFor(bob.id), [])
      deepStrictEqual(idsOf(yield* a.membership.pendingInvitations(place.workspaceId)), [link.id])
    }))

  it.effect("A-01 an ended invitation is kept for 30 days, then its link is unknown", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, place } = yield* peopleScene(backend)
      const { id } = yield* a.membership.invite(invitation(1))
      yield* a.membership.revokeInvitation({ ...place, by: ada.id, id })
      yield* a.membership.invite(invitation(2, { expiresAt: start + minute }))
      yield* TestClock.adjust(Invitation.endedRetention)
      yield* a.membership.invite(invitation(3, { expiresAt: start + 99 * day }))
      strictEqual(yield* reasonOf(b.membership.accept({ hash: hashOf(1) }, newcomer(1))), "revoked")
      yield* TestClock.adjust(1)
      yield* a.membership.invite(invitation(4))
      strictEqual(yield* reasonOf(b.membership.accept({ hash: hashOf(1) }, newcomer(1))), "unknown")
      strictEqual(yield* reasonOf(b.membership.accept({ hash: hashOf(2) }, newcomer(1))), "expired")
      yield* TestClock.adjust(minute)
      yield* a.membership.invite(invitation(5))
      assertNone(yield* b.membership.invitation({ hash: hashOf(2) }))
      strictEqual(Option.isSome(yield* b.membership.invitation({ hash: hashOf(3) })), true)
    }))
}
