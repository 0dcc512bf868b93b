import { it } from "@effect/vitest"
import { assertNone, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { Account } from "@muster/domain"
import { Effect, Option } from "effect"
import { hashOf } from "../access/Fixture.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"
import { newcomer, peopleScene, reasonOf } from "./Fixture.ts"

const account = (subject: string): Account.Account => ({ issuer: "https://id.example.org", subject })

/** nobody waits for another person's first sign-in in a user of theirs with that person's e-mail. */
export const claimTests = (backend: StoreBackend): void => {
  it.effect("A-09 an e-mail that its user chose without proof finds nobody; that user connects the account instead", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, person } = yield* peopleScene(backend)
      yield* a.membership.invite(invitation(1))
      yield* a.membership.invite(invitation(2, { email: "new2@example.org" }))
      const bold = yield* person("bold")
      const people = [
        (yield* b.membership.accept({ hash: hashOf(1) }, newcomer(1))).user,
        (yield* b.membership.accept({ hash: hashOf(2) }, newcomer(2))).user,
        Option.getOrThrow(yield* b.membership.editUser(bold.id, { email: "boss@example.org" }))
      ]
      for (const [n, { email, id, name }] of people.entries()) {
        const own = account(`own-${n}`)
        strictEqual(yield* reasonOf(a.access.linkAccount(own, { email, name, joins: null })), "claimed")
        assertNone(yield* b.access.userOfAccount(own))
        yield* a.access.connectAccount(own, id)
        deepStrictEqual((yield* b.access.linkAccount(own, { email, name, joins: null })).id, id)
      }
      const named = Option.getOrThrow(yield* b.membership.editUser(ada.id, { name: "Countess", email: ada.email }))
      deepStrictEqual(
        yield* a.access.linkAccount(account("ada"), { email: ada.email, name: "Ada", joins: null }),
        named
      )
    }))
  it.effect("A-01 an invitation for an e-mail that a user chose without proof needs its link", () =>
    Effect.gen(function*() {
      const { a, ada, b, invitation, person } = yield* peopleScene(backend)
      const bold = yield* person("bold")
      const email = "boss@example.org"
      yield* b.membership.editUser(bold.id, { email })
      const made = yield* a.membership.invite(invitation(1, { email }))
      strictEqual(made.inviteeUserId, null)
      deepStrictEqual(yield* b.membership.invitationsFor(bold.id), [])
      strictEqual(yield* reasonOf(b.membership.accept({ id: made.id }, bold.id)), "another")
      strictEqual((yield* b.membership.accept({ hash: hashOf(1) }, bold.id)).user.id, bold.id)
      const proven = yield* a.membership.invite(invitation(2, { email: (yield* person("eve")).email }))
      strictEqual((yield* b.membership.accept({ id: proven.id }, proven.inviteeUserId!)).user.name, "eve")
      strictEqual(made.inviterId, ada.id)
    }))
}
