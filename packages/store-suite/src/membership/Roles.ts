import { it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, MemberRules } from "@muster/domain"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { minute, start } from "../runtime/Fixture.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"
import { outcomes, peopleScene, reasonOf, roles } from "./Fixture.ts"

const nobody = Identity.UserId.make("00000000-0000-4000-8000-000000000000")
const nowhere = Identity.WorkspaceId.make("00000000-0000-4000-8000-000000000000")

/** A-02, for roles. */
export const roleTests = (backend: StoreBackend): void => {
  it.effect("A-02 mayChangeRole decides who changes a role, and to what, on every replica", () =>
    Effect.gen(function*() {
      const { a, b, member, place, roleOf } = yield* peopleScene(backend)
      for (const by of roles) {
        const actor = yield* member(by, by)
        for (const from of roles) {
          for (const to of roles) {
            const { id } = yield* member("target", from)
            const answer = yield* Effect.result(
              b.membership.changeRole({ ...place, by: actor.id, userId: id, role: to })
            )
            const may = MemberRules.mayChangeRole(by, from, to)
            strictEqual(Result.isSuccess(answer), may)
            strictEqual(yield* roleOf(id), may ? to : from)
            if (Result.isFailure(answer)) strictEqual("reason" in answer.failure && answer.failure.reason, "forbidden")
          }
        }
      }
      strictEqual((yield* a.access.membersOf(place.workspaceId)).length, 5)
    }))

  it.effect("A-02 a changed member is returned with name, role and the time of joining", () =>
    Effect.gen(function*() {
      const { a, ada, b, member, place } = yield* peopleScene(backend)
      const bob = yield* member("bob", "member")
      yield* TestClock.adjust(minute)
      const changed = yield* b.membership.changeRole({ ...place, by: ada.id, userId: bob.id, role: "owner" })
      deepStrictEqual(changed, { ...bob, role: "owner", joinedAt: start })
      deepStrictEqual((yield* a.access.membersOf(place.workspaceId)).find(({ id }) => id === bob.id), changed)
    }))

  it.effect("A-02 a non-member can neither change others nor be changed", () =>
    Effect.gen(function*() {
      const { a, ada, person, place, roleOf } = yield* peopleScene(backend)
      const eve = yield* person("eve")
      const change = { ...place, by: ada.id, userId: ada.id, role: "admin" } as const
      strictEqual(yield* reasonOf(a.membership.changeRole({ ...change, by: eve.id })), "outsider")
      strictEqual(yield* reasonOf(a.membership.changeRole({ ...change, workspaceId: nowhere })), "outsider")
      strictEqual(yield* reasonOf(a.membership.changeRole({ ...change, userId: eve.id })), "absent")
      strictEqual(yield* reasonOf(a.membership.removeMember({ ...place, by: eve.id, userId: ada.id })), "outsider")
      strictEqual(yield* reasonOf(a.membership.removeMember({ ...place, by: ada.id, userId: nobody })), "absent")
      strictEqual(yield* roleOf(ada.id), "owner")
    }))

  it.effect("A-02 the last owner can be neither demoted nor removed, and cannot leave", () =>
    Effect.gen(function*() {
      const { a, ada, b, member, place, roleOf } = yield* peopleScene(backend)
      yield* member("carl", "admin")
      const self = { ...place, by: ada.id, userId: ada.id }
      strictEqual(yield* reasonOf(a.membership.removeMember(self)), "last_owner")
      for (const role of ["admin", "member"] as const) {
        strictEqual(yield* reasonOf(b.membership.changeRole({ ...self, role })), "last_owner")
      }
      yield* b.membership.changeRole({ ...self, role: "owner" })
      const bob = yield* member("bob", "owner")
      yield* b.membership.removeMember(self)
      deepStrictEqual([yield* roleOf(ada.id), yield* roleOf(bob.id)], [null, "owner"])
    }))

  it.effect("A-02 of owners who demote each other, remove each other or leave concurrently, one remains an owner", () =>
    Effect.gen(function*() {
      const { a, ada, b, member, place } = yield* peopleScene(backend)
      const { id: bob } = yield* member("bob", "owner")
      const [x, y] = [ada.id, bob]
      const demote = (by: typeof x, userId: typeof x) => ({ ...place, by, userId, role: "member" as const })
      const remove = (by: typeof x, userId: typeof x) => ({ ...place, by, userId })
      const races: ReadonlyArray<ReadonlyArray<Effect.Effect<unknown, unknown>>> = [
        [a.membership.changeRole(demote(x, y)), b.membership.changeRole(demote(y, x))],
        [a.membership.changeRole(demote(x, x)), b.membership.changeRole(demote(y, y))],
        [a.membership.removeMember(remove(x, x)), b.membership.removeMember(remove(y, y))],
        [a.membership.removeMember(remove(x, y)), b.membership.removeMember(remove(y, x))],
        [a.membership.removeMember(remove(x, x)), b.membership.changeRole(demote(y, y))]
      ]
      for (const race of [...races, ...races, ...races]) {
        const found = yield* outcomes(race)
        deepStrictEqual(found.filter((outcome) => outcome === "done"), ["done"])
        // The second one is the last owner, or no owner any more.
        assertTrue(found.some((outcome) => ["forbidden", "last_owner", "outsider"].includes(outcome)))
        const owners = (yield* b.access.membersOf(place.workspaceId)).filter(({ role }) => role === "owner")
        strictEqual(owners.length, 1)
        for (const user of [x, y]) yield* a.access.setMember(user, place.workspaceId, "owner")
      }
    }))

  it.effect("A-01 a demotion revokes the invitations that the person could no longer make, and no others", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, member, place } = yield* peopleScene(backend)
      const { id: carl } = yield* member("carl", "owner")
      for (const [n, by, role] of [[1, carl, "admin"], [2, carl, "member"], [3, ada.id, "admin"]] as const) {
        yield* a.membership.invite(invitation(n, { by, role }))
      }
      const pending = Effect.map(b.membership.pendingInvitations(place.workspaceId), (found) => found.length)
      yield* a.membership.changeRole({ ...place, by: ada.id, userId: carl, role: "admin" })
      strictEqual(yield* pending, 3)
      yield* a.membership.changeRole({ ...place, by: ada.id, userId: carl, role: "member" })
      strictEqual(yield* pending, 1)
    }))
}
