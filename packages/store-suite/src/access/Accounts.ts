import { it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { type Access, type Account, Identity, MembershipBounds } from "@muster/domain"
import { Effect } from "effect"
import { scene, together } from "../runtime/Fixture.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"

const account = (subject: string, issuer = "https://id.example.org"): Account.Account => ({ issuer, subject })
const reasonOf = <A, E extends { readonly _tag: string }>(refused: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(refused), (error) => "reason" in error ? error.reason : error._tag)

const bob: Access.NewAccount = { email: "Bob@Example.org", name: "Bob", joins: null }

/** A-09, for the store. */
export const accountTests = (backend: StoreBackend): void => {
  it.effect("A-09 an account is linked to the user with its e-mail, once, and seen on every replica", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      assertNone(yield* a.access.userOfAccount(account("1")))
      const linked = yield* a.access.linkAccount(account("1"), { ...bob, email: " ADA@example.org" })
      deepStrictEqual(linked, user)
      assertSome(yield* b.access.userOfAccount(account("1")), user)
      const made = yield* b.access.linkAccount(account("2"), bob)
      deepStrictEqual([made.email, made.name], ["bob@example.org", "Bob"])
      deepStrictEqual(yield* a.access.ensureUser("bob@example.org", "Robert"), made)
    }))

  it.effect("A-09 a linked account keeps its user when its e-mail changes, also to another user's", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      const linked = yield* a.access.linkAccount(account("1"), bob)
      deepStrictEqual(yield* b.access.linkAccount(account("1"), { ...bob, email: user.email }), linked)
      assertSome(yield* b.access.userOfAccount(account("1")), linked)
    }))

  it.effect("A-09 an e-mail that moved to another account of the issuer opens nothing; another issuer is independent", () =>
    Effect.gen(function*() {
      const { a, b } = yield* scene(backend)
      const linked = yield* a.access.linkAccount(account("1"), bob)
      strictEqual(yield* reasonOf(b.access.linkAccount(account("2"), bob)), "another")
      assertNone(yield* a.access.userOfAccount(account("2")))
      const elsewhere = account("1", "https://other.example.org")
      assertNone(yield* b.access.userOfAccount(elsewhere))
      deepStrictEqual(yield* b.access.linkAccount(elsewhere, bob), linked)
    }))

  it.effect("A-09 a first sign-in joins the workspace as member; it changes no role, and a later one joins nothing", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* scene(backend)
      const roleOf = ({ id }: { readonly id: Identity.UserId }) => b.access.roleOf(id, workspace.id)
      const made = yield* a.access.linkAccount(account("1"), { ...bob, joins: workspace.id })
      assertSome(yield* roleOf(made), "member")
      yield* a.access.linkAccount(account("2"), { ...bob, email: user.email, joins: workspace.id })
      assertSome(yield* roleOf(user), "owner")
      const carl = yield* b.access.linkAccount(account("3"), { ...bob, email: "carl@example.org" })
      yield* b.access.linkAccount(account("3"), { ...bob, email: "carl@example.org", joins: workspace.id })
      assertNone(yield* roleOf(carl))
      const gone = Identity.WorkspaceId.make("00000000-0000-4000-8000-000000000000")
      const dan = yield* a.access.linkAccount(account("4"), { ...bob, email: "dan@example.org", joins: gone })
      deepStrictEqual(yield* b.access.workspacesOf(dan.id), [])
      const full = { ...MembershipBounds.MembershipBounds.defaultValue(), members: 2 }
      const eve = yield* a.access.linkAccount(account("5"), { ...bob, email: "eve@example.org", joins: workspace.id })
        .pipe(Effect.provideService(MembershipBounds.MembershipBounds, full))
      assertNone(yield* roleOf(eve))
    }))

  it.effect("A-09 a user connects one account per issuer, and no account of another user", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      assertSome(yield* a.access.connectAccount(account("1"), user.id), user)
      assertSome(yield* b.access.connectAccount(account("1"), user.id), user)
      strictEqual(yield* reasonOf(b.access.connectAccount(account("2"), user.id)), "another")
      const carl = yield* a.access.ensureUser("carl@example.org", "Carl")
      strictEqual(yield* reasonOf(b.access.connectAccount(account("1"), carl.id)), "taken")
      const nobody = Identity.UserId.make("00000000-0000-4000-8000-000000000000")
      assertNone(yield* a.access.connectAccount(account("3"), nobody))
      assertNone(yield* b.access.userOfAccount(account("3")))
    }))

  it.effect("A-09 of concurrent first sign-ins on two replicas all get one user", () =>
    Effect.gen(function*() {
      const { a, b } = yield* scene(backend)
      const users = yield* together(
        Array.from({ length: 16 }, (_, n) =>
          (n % 2 === 0 ? a : b).access.linkAccount(account("1"), { ...bob, email: `bob${n % 4}@example.org` }))
      )
      strictEqual(
        new Set(users.map(({ id }) =>
          id
        )).size,
        1
      )
    }))
}
