import { it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { hashOf } from "../access/Fixture.ts"
import { joinedMachine, joinWith, machinesOf } from "../machine/Fixture.ts"
import { idsOf, makeWorkspace, minute, register, registration, sortedIds, start, together } from "../runtime/Fixture.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"
import { peopleScene, reasonOf } from "./Fixture.ts"

const daemonId = Identity.DaemonId.make("bobs")

/** A-02, for what leaves with a person. */
export const removalTests = (backend: StoreBackend): void => {
  it.effect("A-02 the runtimes of a removed person are removed, with a tombstone that has the reason and the person", () =>
    Effect.gen(function*() {
      const { a, ada, b, member, place, roleOf, workspace } = yield* peopleScene(backend)
      const { id: bob } = yield* member("bob", "member")
      const other = yield* makeWorkspace(a, "other", bob)
      const mine = yield* register(a, workspace, ["codex", "claude"], { owner: bob, daemonId })
      const [theirs] = yield* register(a, workspace, ["codex"], { owner: ada.id })
      const [nobodys] = yield* register(a, workspace, ["codex"], { daemonId: Identity.DaemonId.make("nobodys") })
      const [elsewhere] = yield* register(a, other, ["codex"], { owner: bob, daemonId })
      const token = (n: number, workspaceId: Identity.WorkspaceId, daemon: Identity.DaemonId) =>
        a.access.createDaemonToken({ workspaceId, daemonId: daemon, hash: hashOf(n), expiresAt: start + 9 * minute })
      yield* token(1, workspace.id, daemonId)
      yield* token(2, workspace.id, Identity.DaemonId.make("box"))
      yield* token(3, other.id, daemonId)
      yield* TestClock.adjust(minute)
      const left = yield* b.membership.removeMember({ ...place, by: ada.id, userId: bob })
      deepStrictEqual([...left.runtimes].toSorted(), sortedIds(mine))
      deepStrictEqual(left.tokens, [hashOf(1)])
      strictEqual(yield* roleOf(bob), null)
      for (const { id } of mine) {
        deepStrictEqual(yield* a.registry.find(id), {
          _tag: "Gone",
          reason: "member_left",
          by: ada.id,
          at: start + minute
        })
      }
      for (const row of [theirs!, nobodys!, elsewhere!]) strictEqual((yield* a.registry.find(row.id))._tag, "Found")
      assertNone(yield* a.access.authenticate(hashOf(1)))
      for (const n of [2, 3]) strictEqual(Option.isSome(yield* a.access.authenticate(hashOf(n))), true)
      strictEqual(yield* reasonOf(b.membership.removeMember({ ...place, by: ada.id, userId: bob })), "absent")
    }))

  it.effect("A-02 a member with any role can leave; an admin cannot remove an owner, and a member cannot remove others", () =>
    Effect.gen(function*() {
      const { a, ada, b, member, place, roleOf, workspace } = yield* peopleScene(backend)
      const [bob, carl] = [yield* member("bob", "member"), yield* member("carl", "admin")]
      const [codex] = yield* register(a, workspace, ["codex"], { owner: carl.id, daemonId })
      const remove = (by: Identity.User, { id }: Identity.User) =>
        b.membership.removeMember({ ...place, by: by.id, userId: id })
      strictEqual(yield* reasonOf(remove(bob, carl)), "forbidden")
      strictEqual(yield* reasonOf(remove(carl, ada)), "forbidden")
      yield* remove(carl, bob)
      yield* remove(carl, carl)
      deepStrictEqual(yield* a.registry.find(codex!.id), {
        _tag: "Gone",
        reason: "member_left",
        by: carl.id,
        at: start
      })
      deepStrictEqual([yield* roleOf(bob.id), yield* roleOf(carl.id), yield* roleOf(ada.id)], [null, null, "owner"])
    }))

  it.effect("A-02 a registration by someone who is not a member writes nothing", () =>
    Effect.gen(function*() {
      const { a, ada, b, person, workspace } = yield* peopleScene(backend)
      const { id: eve } = yield* person("eve")
      const error = yield* Effect.flip(
        b.registry.register(registration(workspace, ["codex"], { owner: eve, daemonId }))
      )
      strictEqual(error._tag, "WorkspaceAbsent")
      const [codex] = yield* register(a, workspace, ["codex"], { owner: ada.id })
      deepStrictEqual(yield* b.registry.takeOver(codex!.id, eve), [])
      deepStrictEqual(yield* a.registry.list(workspace.id), [codex!])
    }))

  it.effect("A-02 a registration concurrent with a removal leaves no runtime", () =>
    Effect.gen(function*() {
      const { a, ada, b, member, place, workspace } = yield* peopleScene(backend)
      for (let round = 0; round < 8; round++) {
        const { id: bob } = yield* member("bob", "member")
        const registers = ["codex", "claude", "gemini", "pi"].map((provider, i) =>
          (i % 2 === 0 ? a : b).registry.register(registration(workspace, [provider], { owner: bob, daemonId }))
        )
        yield* together<unknown, unknown, never>([
          ...registers.map(Effect.exit),
          b.membership.removeMember({ ...place, by: ada.id, userId: bob })
        ])
        deepStrictEqual(yield* a.registry.list(workspace.id), [])
      }
    }))

  it.effect("A-02 the person's machines leave the workspace; one that serves no other is removed with its credential", () =>
    Effect.gen(function*() {
      const { a, ada, b, member, place, workspace } = yield* peopleScene(backend)
      const bob = yield* member("bob", "member")
      const other = yield* makeWorkspace(a, "other", bob.id)
      const [here, there] = [machinesOf(bob, workspace), machinesOf(bob, other)]
      const only = yield* joinedMachine(a, here.newMachine(1), joinWith(1))
      const daemon = Identity.DaemonId.make("both")
      yield* joinedMachine(a, there.newMachine(2), joinWith(2, { daemonId: daemon }))
      const both = yield* joinedMachine(a, here.newMachine(3), joinWith(3, { daemonId: daemon }))
      const kept = yield* joinedMachine(a, machinesOf(ada, workspace).newMachine(4), joinWith(4))
      yield* a.machines.add(here.newMachine(5))
      const key = yield* a.machines.createKey(here.newKey(6))
      const left = yield* b.membership.removeMember({ ...place, by: ada.id, userId: bob.id })
      deepStrictEqual(left.tokens, [hashOf(1_001)])
      assertNone(yield* a.machines.find(only.id))
      assertNone(yield* a.machines.authenticate(hashOf(1_001)))
      deepStrictEqual(
        Option.map(yield* a.machines.find(both.id), ({ workspaces }) => workspaces),
        Option.some([other.id])
      )
      deepStrictEqual(idsOf(yield* a.machines.list(workspace.id)), [kept.id])
      strictEqual((yield* a.machines.keys(workspace.id)).find(({ id }) => id === key.id)?.revokedAt, start)
      strictEqual(yield* reasonOf(b.machines.join(joinWith(5))), "revoked")
      // A person who joins again does not get them back.
      yield* a.access.setMember(bob.id, workspace.id, "member")
      deepStrictEqual(idsOf(yield* a.machines.list(workspace.id)), [kept.id])
    }))

  it.effect("A-02 one statement returns those of many people who are not members", () =>
    Effect.gen(function*() {
      const { a, ada, b, member, person, place, workspace } = yield* peopleScene(backend)
      const [bob, eve] = [yield* member("bob", "member"), yield* person("eve")]
      const other = yield* makeWorkspace(a, "other", eve.id)
      const at = ({ id }: Identity.User, workspaceId = workspace.id) => ({ userId: id, workspaceId })
      deepStrictEqual(yield* b.membership.outsiders([]), [])
      deepStrictEqual(yield* b.membership.outsiders([at(ada), at(bob), at(eve), at(eve, other.id)]), [at(eve)])
      yield* a.membership.removeMember({ ...place, by: bob.id, userId: bob.id })
      const found = yield* b.membership.outsiders([at(bob), at(ada, other.id)])
      deepStrictEqual(found.map(({ userId }) => userId).toSorted(), [ada.id, bob.id].toSorted())
    }))

  it.effect("A-01 the invitations of a person who is removed are revoked", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, member, place } = yield* peopleScene(backend)
      const { id: carl } = yield* member("carl", "admin")
      const { id } = yield* a.membership.invite(invitation(1, { by: carl }))
      const own = yield* a.membership.invite(invitation(2))
      yield* b.membership.removeMember({ ...place, by: ada.id, userId: carl })
      deepStrictEqual(idsOf(yield* a.membership.pendingInvitations(place.workspaceId)), [own.id])
      deepStrictEqual(
        Option.map(yield* a.membership.invitation({ id }), ({ status }) => status),
        Option.some("revoked")
      )
      assertSome(yield* a.membership.invitation({ hash: hashOf(2) }), own)
    }))
}
