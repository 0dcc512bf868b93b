import { it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Invitation, MembershipBounds, Scope } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { hashOf } from "../access/Fixture.ts"
import { idsOf, makeWorkspace, minute, start } from "../runtime/Fixture.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"
import { newcomer, outcomes, peopleScene, reasonOf } from "./Fixture.ts"

const unknown = Invitation.InvitationId.make("00000000-0000-4000-8000-000000000000")
const link = (n: number) => ({ hash: hashOf(n) })

/** A-01, for the acceptance of invitations. */
export const acceptanceTests = (backend: StoreBackend): void => {
  it.effect("A-01 a newcomer who accepts gets an account, a token and the membership", () =>
    Effect.gen(function*() {
      const { a, b, invitation, roleOf, workspace } = yield* peopleScene(backend)
      const made = yield* a.membership.invite(invitation(1, { role: "admin" }))
      yield* TestClock.adjust(minute)
      const { invitation: accepted, token, user } = yield* b.membership.accept(link(1), newcomer(1))
      deepStrictEqual(user, { id: user.id, name: "Newcomer 1", email: "new1@example.org" })
      deepStrictEqual(accepted, { ...made, status: "accepted", updatedAt: start + minute })
      deepStrictEqual([token?.userId, token?.name, token?.purpose, token?.parentId], [user.id, "laptop", "api", null])
      const shown = yield* a.access.authenticate(hashOf(1_001))
      deepStrictEqual(
        Option.map(shown, (one) => one._tag === "User" ? [one.userId, one.tokenId, one.scopes] : []),
        Option.some([user.id, token!.id, Scope.all])
      )
      assertSome(yield* a.access.user(user.id), user)
      strictEqual(yield* roleOf(user.id), "admin")
      strictEqual(
        (yield* a.access.membersOf(workspace.id)).find(({ id }) => id === user.id)?.joinedAt,
        start + minute
      )
    }))

  it.effect("A-01 a person with an account accepts a link, and gets no token", () =>
    Effect.gen(function*() {
      const { a, b, invitation, person, roleOf } = yield* peopleScene(backend)
      const eve = yield* person("eve")
      yield* a.membership.invite(invitation(1))
      const accepted = yield* b.membership.accept(link(1), eve.id)
      deepStrictEqual([accepted.user, accepted.token], [eve, null])
      strictEqual(yield* roleOf(eve.id), "member")
    }))

  it.effect("A-01 an invitation by e-mail is for the person who had the address then; others need the link and the address", () =>
    Effect.gen(function*() {
      const { a, b, invitation, person, roleOf } = yield* peopleScene(backend)
      const [bob, eve] = [yield* person("bob"), yield* person("eve")]
      const { id } = yield* a.membership.invite(invitation(1, { email: bob.email }))
      const early = yield* a.membership.invite(invitation(2, { email: "carl@example.org" }))
      // An address is not proven: taking it later opens no invitation without its link.
      yield* a.membership.editUser(bob.id, { email: "robert@example.org" })
      yield* a.membership.editUser(eve.id, { email: "bob@example.org" })
      strictEqual(yield* reasonOf(b.membership.accept({ id }, eve.id)), "another")
      deepStrictEqual(yield* b.membership.invitationsFor(eve.id), [])
      deepStrictEqual(idsOf(yield* b.membership.invitationsFor(bob.id)), [id])
      yield* b.membership.accept({ id }, bob.id)
      strictEqual(yield* roleOf(bob.id), "member")
      strictEqual(yield* reasonOf(b.membership.accept(link(2), newcomer(1))), "another")
      strictEqual(yield* reasonOf(b.membership.accept(link(2), eve.id)), "another")
      strictEqual(yield* reasonOf(b.membership.accept({ id: early.id }, eve.id)), "another")
      yield* b.membership.accept(link(2), newcomer(2, { email: "carl@example.org" }))
    }))

  it.effect("A-01 a link that was used, revoked or has expired is refused with the reason, and changes nothing", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, place, workspace } = yield* peopleScene(backend)
      yield* a.membership.invite(invitation(1))
      const { id } = yield* a.membership.invite(invitation(2))
      yield* a.membership.invite(invitation(3, { expiresAt: start + minute }))
      yield* b.membership.accept(link(1), newcomer(1))
      yield* b.membership.revokeInvitation({ ...place, by: ada.id, id })
      yield* TestClock.adjust(minute)
      for (const [n, reason] of [[1, "accepted"], [2, "revoked"], [3, "expired"], [4, "unknown"]] as const) {
        strictEqual(yield* reasonOf(a.membership.accept(link(n), newcomer(9))), reason)
      }
      strictEqual(yield* reasonOf(a.membership.accept({ id: unknown }, ada.id)), "unknown")
      assertNone(yield* a.access.authenticate(hashOf(1_009)))
      strictEqual((yield* a.access.membersOf(workspace.id)).length, 2)
    }))

  it.effect("A-01 the e-mail of an account makes no newcomer, and a member is refused as one already", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, person } = yield* peopleScene(backend)
      const eve = yield* person("eve")
      yield* a.membership.invite(invitation(1))
      strictEqual(yield* reasonOf(b.membership.accept(link(1), newcomer(1, { email: eve.email }))), "email_taken")
      assertNone(yield* a.access.authenticate(hashOf(1_001)))
      strictEqual(yield* reasonOf(b.membership.accept(link(1), ada.id)), "member")
      yield* b.membership.accept(link(1), eve.id)
      strictEqual(yield* reasonOf(b.membership.accept(link(1), eve.id)), "member")
    }))

  it.effect("A-01 of many concurrent acceptances of one link, on any replica, one succeeds", () =>
    Effect.gen(function*() {
      const { a, b, invitation, workspace } = yield* peopleScene(backend)
      for (let round = 0; round < 4; round++) {
        yield* a.membership.invite(invitation(round))
        const people = Array.from({ length: 8 }, (_, i) => newcomer(10 * round + i))
        const found = yield* outcomes(
          people.map((one, i) => (i % 2 === 0 ? a : b).membership.accept(link(round), one))
        )
        deepStrictEqual(found, [...Array.from({ length: 7 }, () => "accepted"), "done"])
        strictEqual((yield* a.access.membersOf(workspace.id)).length, round + 2)
        const tokens = yield* Effect.filter(
          people,
          ({ token }) => Effect.map(b.access.authenticate(token.hash), Option.isSome)
        )
        strictEqual(tokens.length, 1)
      }
    }))

  it.effect("A-01 one person who accepts twice concurrently has one membership and one refusal", () =>
    Effect.gen(function*() {
      const { a, b, invitation, person, workspace } = yield* peopleScene(backend)
      const eve = yield* person("eve")
      yield* a.membership.invite(invitation(1))
      const found = yield* outcomes([a, b].map(({ membership }) => membership.accept(link(1), eve.id)))
      deepStrictEqual(found, ["done", "member"])
      strictEqual((yield* a.access.membersOf(workspace.id)).length, 2)
    }))

  it.effect("A-01 of two concurrent newcomers with one e-mail, by two links, one gets the account", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation } = yield* peopleScene(backend)
      const other = yield* makeWorkspace(a, "other", ada.id)
      yield* a.membership.invite(invitation(1))
      yield* a.membership.invite(invitation(2, { workspaceId: other.id }))
      const email = "same@example.org"
      deepStrictEqual(
        yield* outcomes([
          a.membership.accept(link(1), newcomer(1, { email })),
          b.membership.accept(link(2), newcomer(2, { email }))
        ]),
        ["done", "email_taken"]
      )
    }))

  it.effect("A-01 a link that is accepted and revoked concurrently has one end", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, place, workspace } = yield* peopleScene(backend)
      for (let n = 1; n <= 6; n++) {
        const { id } = yield* a.membership.invite(invitation(n))
        const [accepted] = yield* outcomes([a.membership.accept(link(n), newcomer(n))]).pipe(
          Effect.zip(b.membership.revokeInvitation({ ...place, by: ada.id, id }), { concurrent: true }),
          Effect.map(([found]) => found)
        )
        const { status } = Option.getOrThrow(yield* b.membership.invitation({ id }))
        strictEqual(status, accepted === "done" ? "accepted" : "revoked")
        const joined = (yield* b.access.membersOf(workspace.id)).some(({ email }) => email === `new${n}@example.org`)
        strictEqual(joined, accepted === "done")
      }
    }))

  it.effect("A-01 a full workspace or person refuses an acceptance, and the link remains valid", () =>
    Effect.gen(function*() {
      const { a, b, invitation, person } = yield* peopleScene(backend)
      const eve = yield* person("eve")
      yield* makeWorkspace(a, "hers", eve.id)
      yield* a.membership.invite(invitation(1))
      const within = (bounds: { readonly members: number; readonly workspaces: number }) =>
        Effect.provideService(b.membership.accept(link(1), eve.id), MembershipBounds.MembershipBounds, {
          invitations: 9,
          ...bounds
        })
      strictEqual(yield* reasonOf(within({ members: 1, workspaces: 9 })), "members_full")
      strictEqual(yield* reasonOf(within({ members: 2, workspaces: 1 })), "workspaces_full")
      strictEqual((yield* within({ members: 2, workspaces: 2 })).user.id, eve.id)
    }))
}
