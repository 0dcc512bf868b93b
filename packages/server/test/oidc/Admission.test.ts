import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { ana, startOidc, whoIs } from "./Scene.ts"

describe("the people that a provider's sign-in admits", () => {
  it.effect("A-09 a first sign-in with a verified address is the user who has it; later ones use the account only", () =>
    Effect.gen(function*() {
      const { browser, muster, provider, signIn } = yield* startOidc()
      const known = yield* muster.person("ana")
      const [first, second, other] = [browser(), browser(), browser()]
      provider.present("sub-1", { ...ana, email: "Ana@Example.com" })
      yield* signIn(first)
      assert.strictEqual((yield* whoIs(first, muster))?.id, known.id)
      provider.present("sub-1", { email: "ana.new@example.com", email_verified: false })
      yield* signIn(second)
      assert.strictEqual((yield* whoIs(second, muster))?.id, known.id)
      provider.present("sub-2", ana)
      const page = yield* signIn(other)
      assert.deepStrictEqual([page.status, yield* whoIs(other, muster)], [409, undefined])
      assert.include(page.text, "signs in to Muster with another account at Example ID")
    }))

  it.effect("A-09 an unverified or missing address admits no person and makes no user", () =>
    Effect.gen(function*() {
      const { browser, muster, provider, signIn } = yield* startOidc()
      yield* muster.person("ana")
      const users = muster.accessState.users.size
      const unverified = [{ email_verified: false }, { email_verified: undefined! }]
      for (const [n, claims] of unverified.entries()) {
        const page = browser()
        provider.present(`sub-${n}`, { ...ana, ...claims })
        const refused = yield* signIn(page)
        assert.deepStrictEqual([refused.status, yield* whoIs(page, muster)], [403, undefined])
        assert.include(refused.text, "does not confirm that your e-mail address belongs to you")
      }
      for (const [n, email] of ["", "ana", "a b@example.com", "a@b@example.com"].entries()) {
        const page = browser()
        provider.present(`none-${n}`, { ...ana, email })
        const refused = yield* signIn(page)
        assert.deepStrictEqual([refused.status, yield* whoIs(page, muster)], [403, undefined], email)
        assert.include(refused.text, "sent no e-mail address that Muster can use")
      }
      assert.strictEqual(muster.accessState.users.size, users)
    }))

  it.effect("A-09 with allowed domains, an address of another domain is refused, also of a person who was admitted before", () =>
    Effect.gen(function*() {
      const { browser, muster, provider, signIn } = yield* startOidc({ allowedDomains: ["example.com", "example.org"] })
      const status = (subject: string, email: string, email_verified = true) =>
        Effect.gen(function*() {
          const page = browser()
          provider.present(subject, { email, email_verified, name: "Ana" })
          const end = yield* signIn(page)
          return [
            end.status,
            (yield* whoIs(page, muster)) !== undefined,
            /of example.com, example.org only/.test(end.text)
          ]
        })
      assert.deepStrictEqual(yield* status("sub-1", "ana@EXAMPLE.org"), [302, true, false])
      for (const domain of ["example.net", "evil-example.com", "sub.example.com", "example.com.evil.net"]) {
        assert.deepStrictEqual(yield* status(domain, `ana@${domain}`), [403, false, true], domain)
      }
      assert.deepStrictEqual(yield* status("sub-1", "ana@example.net"), [403, false, true])
      assert.deepStrictEqual(yield* status("sub-1", "ana@example.org", false), [403, false, false])
      assert.deepStrictEqual(yield* status("sub-1", "ana@example.com"), [302, true, false])
    }))

  it.effect("A-09 no provider admits a person as the owner of the installation", () =>
    Effect.gen(function*() {
      const { browser, muster, provider, signIn } = yield* startOidc()
      yield* Effect.orDie(muster.access.ensureUser("owner@localhost", "Owner"))
      const page = browser()
      provider.present("sub-1", { ...ana, email: "owner@localhost" })
      const refused = yield* signIn(page)
      assert.deepStrictEqual([refused.status, yield* whoIs(page, muster)], [403, undefined])
    }))

  it.effect("A-09 a first sign-in joins the configured workspace as member, once; without one it joins nothing", () =>
    Effect.gen(function*() {
      const { browser, muster, provider, replica, signIn } = yield* startOidc({ workspace: "home" })
      const bob = yield* muster.person("bob")
      const early = browser()
      provider.present("sub-0", { ...ana, email: "early@example.com" })
      assert.strictEqual((yield* signIn(early)).status, 302)
      assert.isTrue(muster.lines.some(({ message }) => message.includes("no workspace has the slug")))
      const home = (yield* muster.workspace("home", bob)).id
      const page = browser()
      provider.present("sub-1", ana)
      yield* signIn(page)
      const { id } = (yield* whoIs(page, muster))!
      const roleOf = Effect.map(muster.access.roleOf(id as typeof bob.id, home), Option.getOrUndefined)
      assert.strictEqual(yield* roleOf, "member")
      muster.accessState.members.get(id as typeof bob.id)?.delete(home)
      yield* signIn(page)
      assert.isUndefined(yield* roleOf)
      provider.present("sub-2", { ...ana, email: "bob@example.com" })
      yield* signIn(browser())
      assert.deepStrictEqual(yield* muster.access.roleOf(bob.id, home), Option.some("owner" as const))
      yield* replica
    }))
})
