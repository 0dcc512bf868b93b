import { it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, Skill } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { hashOf } from "../access/Fixture.ts"
import { joinedMachine, joinWith, machinesOf } from "../machine/Fixture.ts"
import { idsOf, makeWorkspace, minute, register, registration, sortedIds, start, together } from "../runtime/Fixture.ts"
import type { StoreBackend, StoreNode } from "../runtime/StoreBackend.ts"
import { outcomes, peopleScene, reasonOf, roles } from "./Fixture.ts"

const nobody = Identity.UserId.make("00000000-0000-4000-8000-000000000000")
const nowhere = Identity.WorkspaceId.make("00000000-0000-4000-8000-000000000000")
const skillId = Skill.SkillId.make("00000000-0000-4000-8000-000000000000")

const addSkill = (node: StoreNode, workspaceId: Identity.WorkspaceId, author: Identity.UserId, id = skillId) =>
  Effect.orDie(node.skills.add({
    id,
    workspaceId,
    name: "a",
    description: "",
    content: "",
    config: {},
    files: [],
    author,
    overwrite: false
  }))

/** A-10, and the profile of a person. */
export const workspaceChangeTests = (backend: StoreBackend): void => {
  it.effect("A-10 a workspace is renamed on every replica; absent fields do not change", () =>
    Effect.gen(function*() {
      const { a, ada, b, place, workspace } = yield* peopleScene(backend)
      yield* TestClock.adjust(minute)
      const renamed = yield* b.membership.editWorkspace({ ...place, by: ada.id, edit: { name: "Lab", slug: "lab" } })
      deepStrictEqual(renamed, { ...workspace, name: "Lab", slug: "lab", updatedAt: start + minute })
      assertSome(yield* a.access.workspaceBySlug("lab"), renamed)
      assertNone(yield* a.access.workspaceBySlug("acme"))
      const edit = { description: "d", context: "c", issuePrefix: "LAB", settings: { a: [1] }, repos: [{ url: "x" }] }
      const edited = yield* a.membership.editWorkspace({ ...place, by: ada.id, edit })
      deepStrictEqual(edited, { ...renamed, ...edit })
      const emptied = { description: null, context: null }
      deepStrictEqual(
        yield* b.membership.editWorkspace({ ...place, by: ada.id, edit: emptied }),
        { ...edited, ...emptied }
      )
    }))

  it.effect("A-10 members cannot rename a workspace, and only owners can delete one", () =>
    Effect.gen(function*() {
      const { a, ada, member, person, place } = yield* peopleScene(backend)
      const edit = { name: "Lab" }
      for (const role of roles) {
        const { id: by } = yield* member(role, role)
        const edited = yield* outcomes([a.membership.editWorkspace({ ...place, by, edit })])
        deepStrictEqual(edited, [role === "member" ? "forbidden" : "done"])
        if (role === "owner") continue
        strictEqual(yield* reasonOf(a.membership.deleteWorkspace({ ...place, by, confirm: "acme" })), "forbidden")
      }
      const eve = yield* person("eve")
      for (const change of [{ ...place, by: eve.id }, { workspaceId: nowhere, by: ada.id }]) {
        strictEqual(yield* reasonOf(a.membership.editWorkspace({ ...change, edit })), "outsider")
        strictEqual(yield* reasonOf(a.membership.deleteWorkspace({ ...change, confirm: "acme" })), "outsider")
      }
    }))

  it.effect("A-10 an existing slug is refused, also if two concurrent calls take it", () =>
    Effect.gen(function*() {
      const { a, ada, b, place, workspace } = yield* peopleScene(backend)
      const other = yield* makeWorkspace(a, "other", ada.id)
      const edit = { name: "Other", slug: "other" }
      const error = yield* Effect.flip(b.membership.editWorkspace({ ...place, by: ada.id, edit }))
      strictEqual(error._tag, "SlugTaken")
      assertSome(yield* a.access.workspace(workspace.id), workspace)
      yield* a.membership.editWorkspace({ ...place, by: ada.id, edit: { slug: "acme" } })
      for (let round = 0; round < 4; round++) {
        const same = { name: `Same ${round}`, slug: `same-${round}` }
        yield* together([workspace.id, other.id].map((workspaceId, i) =>
          Effect.exit((i === 0 ? a : b).membership.editWorkspace({ workspaceId, by: ada.id, edit: same }))
        ))
        const names = (yield* a.access.workspacesOf(ada.id)).map(({ name }) =>
          name
        )
        strictEqual(names.filter((name) => name === same.name).length, 1)
      }
    }))

  it.effect("A-10 what a deletion would lose is counted", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, member, workspace } = yield* peopleScene(backend)
      const bob = yield* member("bob", "member")
      yield* register(a, workspace, ["codex", "claude"], { owner: bob.id })
      yield* joinedMachine(a, machinesOf(bob, workspace).newMachine(1), joinWith(1))
      yield* a.membership.invite(invitation(1))
      yield* a.membership.invite(invitation(2, { expiresAt: start + minute }))
      for (const [n, expiresAt] of [[3, start + 9 * minute], [4, start + minute]] as const) {
        const token = { workspaceId: workspace.id, daemonId: Identity.DaemonId.make("box"), hash: hashOf(n), expiresAt }
        yield* a.access.createDaemonToken(token)
      }
      yield* addSkill(a, workspace.id, ada.id)
      yield* makeWorkspace(a, "other", ada.id)
      yield* TestClock.adjust(minute)
      assertSome(yield* b.membership.contentsOf(workspace.id), {
        members: 2,
        invitations: 1,
        runtimes: 2,
        machines: 1,
        daemonTokens: 1,
        skills: 1,
        requests: 0
      })
      assertNone(yield* b.membership.contentsOf(nowhere))
    }))

  it.effect("A-10 a workspace is deleted with everything in it, after its slug was typed; others do not change", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, member, place, workspace } = yield* peopleScene(backend)
      const bob = yield* member("bob", "member")
      const other = yield* makeWorkspace(a, "other", bob.id)
      const mine = yield* register(a, workspace, ["codex", "claude"], { owner: bob.id })
      const [elsewhere] = yield* register(a, other, ["codex"], { owner: bob.id })
      const machine = yield* joinedMachine(a, machinesOf(bob, workspace).newMachine(1), joinWith(1))
      const daemonId = Identity.DaemonId.make("ci")
      yield* a.access.createDaemonToken({ ...place, daemonId, hash: hashOf(3), expiresAt: start + 9 * minute })
      yield* a.membership.invite(invitation(1))
      yield* addSkill(a, workspace.id, ada.id)
      const deletion = { ...place, by: ada.id, confirm: "acme" }
      for (const confirm of ["", "ACME", "other"]) {
        const error = yield* Effect.flip(b.membership.deleteWorkspace({ ...deletion, confirm }))
        deepStrictEqual([error._tag, "slug" in error && error.slug], ["NotConfirmed", "acme"])
      }
      yield* TestClock.adjust(minute)
      const left = yield* b.membership.deleteWorkspace(deletion)
      deepStrictEqual([...left.runtimes].toSorted(), sortedIds(mine))
      deepStrictEqual([...left.tokens].toSorted(), [hashOf(3), hashOf(1_001)])
      for (const { id } of mine) {
        const gone = { _tag: "Gone", reason: "workspace_deleted", by: ada.id, at: start + minute } as const
        deepStrictEqual(yield* a.registry.find(id), gone)
      }
      assertNone(yield* a.access.workspace(workspace.id))
      assertNone(yield* a.access.workspaceBySlug("acme"))
      assertNone(yield* a.access.roleOf(bob.id, workspace.id))
      deepStrictEqual(yield* a.access.membersOf(workspace.id), [])
      deepStrictEqual(yield* a.registry.list(workspace.id), [])
      assertNone(yield* a.skills.get(workspace.id, skillId))
      assertNone(yield* a.machines.find(machine.id))
      assertNone(yield* a.access.authenticate(hashOf(3)))
      assertNone(yield* a.membership.invitation({ hash: hashOf(1) }))
      assertNone(yield* a.membership.contentsOf(workspace.id))
      deepStrictEqual(yield* a.access.workspacesOf(ada.id), [])
      deepStrictEqual(idsOf(yield* a.access.workspacesOf(bob.id)), [other.id])
      strictEqual((yield* a.registry.find(elsewhere!.id))._tag, "Found")
      strictEqual(yield* reasonOf(a.membership.deleteWorkspace(deletion)), "outsider")
      const again = yield* makeWorkspace(b, "acme", ada.id)
      deepStrictEqual(yield* a.registry.list(again.id), [])
    }))

  it.effect("A-10 a registration concurrent with a deletion leaves no runtime, and a later one is refused", () =>
    Effect.gen(function*() {
      const { a, ada, b } = yield* peopleScene(backend)
      for (let round = 0; round < 6; round++) {
        const { id } = yield* makeWorkspace(a, `round-${round}`, ada.id)
        const one = (i: number) =>
          (i % 2 === 0 ? a : b).registry.register(registration(id, [`p${i}`], { owner: i === 3 ? null : ada.id }))
        const exits = yield* together([0, 1, 2, 3].map((i) => Effect.result(one(i)))).pipe(
          Effect.zip(b.membership.deleteWorkspace({ workspaceId: id, by: ada.id, confirm: `round-${round}` }), {
            concurrent: true
          }),
          Effect.map(([results]) => results)
        )
        for (const exit of exits) {
          if (exit._tag === "Failure") strictEqual(exit.failure._tag, "WorkspaceAbsent")
          else strictEqual((yield* a.registry.find(exit.success.runtimes[0]!.id))._tag, "Gone")
        }
        strictEqual((yield* Effect.flip(one(0)))._tag, "WorkspaceAbsent")
      }
    }))

  it.effect("A-01 a person changes their name and e-mail; another person's e-mail is refused, also concurrently", () =>
    Effect.gen(function*() {
      const { a, ada, b, person } = yield* peopleScene(backend)
      const bob = yield* person("bob")
      const renamed = { ...bob, name: "Robert", email: "robert@example.org" }
      assertSome(yield* b.membership.editUser(bob.id, { name: "Robert", email: "robert@example.org" }), renamed)
      assertSome(yield* a.access.user(bob.id), renamed)
      assertSome(yield* b.membership.editUser(bob.id, { email: "robert@example.org" }), renamed)
      assertNone(yield* b.membership.editUser(nobody, { name: "Nobody" }))
      strictEqual((yield* Effect.flip(b.membership.editUser(bob.id, { email: ada.email })))._tag, "EmailTaken")
      yield* together(
        [ada.id, bob.id].map((id, i) =>
          Effect.exit((i === 0 ? a : b).membership.editUser(id, { email: "same@example.org" }))
        )
      )
      const emails = yield* Effect.forEach(
        [ada.id, bob.id],
        (id) => Effect.map(a.access.user(id), (user) => Option.getOrThrow(user).email)
      )
      strictEqual(emails.filter((email) => email === "same@example.org").length, 1)
    }))
}
