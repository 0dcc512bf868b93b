import { it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity } from "@muster/domain"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { idsOf, makeWorkspace, minute, scene, start, together } from "../runtime/Fixture.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"

const nobody = Identity.UserId.make("00000000-0000-4000-8000-000000000000")
const nowhere = Identity.WorkspaceId.make("00000000-0000-4000-8000-000000000000")

/** Users, workspaces and members. */
export const workspaceTests = (backend: StoreBackend): void => {
  it.effect("an e-mail has one user, in any case and with any surrounding space", () =>
    Effect.gen(function*() {
      const { a, b } = yield* scene(backend)
      const first = yield* a.access.ensureUser(" Bob@Example.ORG ", "Bob")
      deepStrictEqual(first, { id: first.id, name: "Bob", email: "bob@example.org" })
      deepStrictEqual(yield* b.access.ensureUser("bob@example.org", "Robert"), first)
      assertSome(yield* b.access.user(first.id), first)
      assertNone(yield* b.access.user(nobody))
    }))

  it.effect("concurrent calls for one user get the same user", () =>
    Effect.gen(function*() {
      const { a, b } = yield* scene(backend)
      const users = yield* together(
        Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? a : b).access.ensureUser("bob@example.org", `Bob ${i}`))
      )
      strictEqual(new Set(idsOf(users)).size, 1)
      strictEqual(new Set(users.map(({ name }) => name)).size, 1)
    }))

  it.effect("a workspace has its given fields, and its creator is its owner", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      const input = { name: "Lab", slug: "lab", description: "d\0", context: "c", issuePrefix: "LAB", owner: user.id }
      yield* TestClock.adjust(minute)
      const workspace = yield* a.access.createWorkspace(input)
      deepStrictEqual({ ...workspace, description: workspace.description?.replaceAll("\0", "") }, {
        id: workspace.id,
        name: "Lab",
        slug: "lab",
        description: "d",
        context: "c",
        settings: {},
        repos: [],
        issuePrefix: "LAB",
        createdAt: start + minute,
        updatedAt: start + minute
      })
      assertSome(yield* b.access.workspace(workspace.id), workspace)
      assertSome(yield* b.access.workspaceBySlug("lab"), workspace)
      assertSome(yield* b.access.roleOf(user.id, workspace.id), "owner")
    }))

  it.effect("members are listed with their roles, in the order of joining", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* scene(backend)
      const bob = yield* a.access.ensureUser("bob@example.org", "Bob")
      yield* TestClock.adjust(1)
      yield* a.access.setMember(bob.id, workspace.id, "member")
      yield* a.access.setMember(bob.id, workspace.id, "admin")
      deepStrictEqual((yield* b.access.membersOf(workspace.id)).map(({ id, role }) => [id, role]), [
        [user.id, "owner"],
        [bob.id, "admin"]
      ])
      deepStrictEqual(yield* a.access.membersOf(nowhere), [])
    }))

  it.effect("an unknown user or workspace is absent, not an error", () =>
    Effect.gen(function*() {
      const { a, user, workspace } = yield* scene(backend)
      assertNone(yield* a.access.workspace(nowhere))
      for (const slug of ["nope", "", "ACME", "ac\0me", "\uD800"]) {
        assertNone(yield* a.access.workspaceBySlug(slug))
      }
      assertNone(yield* a.access.roleOf(nobody, workspace.id))
      assertNone(yield* a.access.roleOf(user.id, nowhere))
      deepStrictEqual(yield* a.access.workspacesOf(nobody), [])
    }))

  it.effect("an existing slug is refused, and the attempt leaves nothing", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const bob = yield* a.access.ensureUser("bob@example.org", "Bob")
      const input = { name: "Mine", slug: "acme", description: null, context: null, issuePrefix: "M", owner: bob.id }
      const error = yield* Effect.flip(b.access.createWorkspace(input))
      strictEqual(error._tag, "SlugTaken")
      deepStrictEqual(yield* b.access.workspacesOf(bob.id), [])
      assertSome(yield* b.access.workspaceBySlug("acme"), workspace)
    }))

  it.effect("one of many concurrent calls gets a slug", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      const input = { name: "Lab", slug: "lab", description: null, context: null, issuePrefix: "LAB", owner: user.id }
      const results = yield* together(
        Array.from({ length: 12 }, (_, i) => Effect.result((i % 2 === 0 ? a : b).access.createWorkspace(input)))
      )
      const errors = results.filter(Result.isFailure).map(({ failure }) => failure._tag)
      deepStrictEqual(errors, Array.from({ length: 11 }, () => "SlugTaken"))
      strictEqual((yield* a.access.workspacesOf(user.id)).length, 2)
    }))

  it.effect("a person's workspaces are those they are a member of, oldest first", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* scene(backend)
      const bob = yield* a.access.ensureUser("bob@example.org", "Bob")
      yield* TestClock.adjust(1)
      const second = yield* makeWorkspace(a, "second", bob.id)
      yield* TestClock.adjust(1)
      const third = yield* makeWorkspace(b, "third", user.id)
      deepStrictEqual(idsOf(yield* b.access.workspacesOf(user.id)), [workspace.id, third.id])
      yield* a.access.setMember(user.id, second.id, "member")
      deepStrictEqual(yield* b.access.workspacesOf(user.id), [workspace, second, third])
      deepStrictEqual(idsOf(yield* b.access.workspacesOf(bob.id)), [second.id])
    }))

  it.effect("addMember sets a role, and changes it on every replica", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const bob = yield* a.access.ensureUser("bob@example.org", "Bob")
      assertNone(yield* b.access.roleOf(bob.id, workspace.id))
      for (const role of ["member", "admin", "owner", "member"] as const) {
        yield* a.access.setMember(bob.id, workspace.id, role)
        assertSome(yield* b.access.roleOf(bob.id, workspace.id), role)
      }
      yield* together(
        Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? a : b).access.setMember(bob.id, workspace.id, "admin"))
      )
      assertSome(yield* a.access.roleOf(bob.id, workspace.id), "admin")
    }))
}
