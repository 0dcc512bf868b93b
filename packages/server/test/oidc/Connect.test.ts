import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Person } from "../support/World.ts"
import type { Browser } from "./Browser.ts"
import { ana, type OidcScene, publicUrl, startOidc, whoIs } from "./Scene.ts"

const connect = `${publicUrl}/auth/oidc/start?connect=1&return_to=/settings`

const isSettings = (url: URL) => url.href === `${publicUrl}/settings`

/** A browser of a person who signed in with a token. */
const signedIn = Effect.fnUntraced(function*({ browser, muster }: OidcScene, person: Person) {
  const page = browser()
  const { headers } = yield* muster.nobody.post("/api/session", { token: person.token })
  for (const line of headers.getSetCookie()) {
    const [name = "", value = ""] = line.split(";")[0]!.split("=")
    page.cookies(publicUrl).set(name, value)
  }
  return page
})

const refusalOf = Effect.fnUntraced(function*(page: Browser) {
  const { status, text } = yield* page.visit(connect, isSettings)
  return [status, /<h1>(.*)<\/h1>/.exec(text)?.[1]]
})

describe("connecting an account", () => {
  it.effect("A-09 an address that a person chose themselves lets nobody else in: they connect the account, then it is theirs", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc()
      const { browser, muster, provider, replica, signIn } = scene
      const person = yield* muster.person("someone")
      assert.strictEqual((yield* muster.as(person.token).patch("/api/me", { email: ana.email })).status, 200)
      provider.present("sub-1", ana)
      const first = browser()
      const refused = yield* signIn(first)
      assert.deepStrictEqual([refused.status, yield* whoIs(first, muster)], [409, undefined])
      assert.include(refused.text, "choose &quot;Connect Example ID&quot; in the console")

      const page = yield* signedIn(scene, person)
      const session = page.cookies(publicUrl).get("muster_session")
      const other = yield* replica
      const atProvider = yield* page.visit(connect, (url) => url.pathname === "/auth/oidc/callback")
      page.places[publicUrl] = other.url
      const end = yield* page.call(atProvider.headers.get("location") ?? "")
      assert.deepStrictEqual([end.status, end.headers.get("location")], [302, `${publicUrl}/settings`])
      assert.strictEqual(page.cookies(publicUrl).get("muster_session"), session)
      yield* signIn(first)
      assert.strictEqual((yield* whoIs(first, muster))?.id, person.id)
      assert.strictEqual((yield* page.visit(connect, isSettings)).status, 302)
    }))

  it.effect("A-09 nobody connects an account who is not signed in here, comes from another site, or may not change access", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc()
      const { browser, muster, provider } = scene
      const person = yield* muster.person("bob")
      provider.present("sub-1", ana)
      const signedOut = [401, "Not signed in"]
      assert.deepStrictEqual(yield* refusalOf(browser()), signedOut)
      const page = yield* signedIn(scene, person)
      const foreign = yield* page.call(connect, "GET", { "sec-fetch-site": "same-site" })
      assert.strictEqual(foreign.status, 401)
      const reader = (yield* muster.as(person.token).post("/api/tokens", { name: "r", scopes: ["read"] })).json.token
      assert.deepStrictEqual(yield* refusalOf(yield* signedIn(scene, { ...person, token: reader })), signedOut)
      assert.isEmpty(muster.accessState.accounts)
    }))

  it.effect("A-09 an account is one person's, and a person has one", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc({ allowedDomains: ["example.com"] })
      const { browser, muster, provider, signIn } = scene
      provider.present("sub-1", ana)
      yield* signIn(browser())
      const person = yield* muster.person("bob")
      // Each with a browser of its own: the provider remembers who signed in to it.
      const bob = signedIn(scene, person)
      assert.deepStrictEqual(yield* refusalOf(yield* bob), [409, "Account in use"])
      provider.present("sub-2", { ...ana, email: "bob@example.net" })
      assert.deepStrictEqual(yield* refusalOf(yield* bob), [403, "E-mail address not allowed"])
      provider.present("sub-2", { ...ana, email: "bob@example.com" })
      assert.strictEqual((yield* (yield* bob).visit(connect, isSettings)).status, 302)
      provider.present("sub-3", { ...ana, email: "bob@example.com" })
      assert.deepStrictEqual(yield* refusalOf(yield* bob), [409, "E-mail address in use"])
    }))
})
