import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { makeSeal } from "../../src/oidc/Seal.ts"
import type { Browser } from "./Browser.ts"
import { ana, callback, type OidcScene, publicUrl, startOidc, whoIs } from "./Scene.ts"

const minute = 60_000

/** The sign-in that this browser keeps for the server, and a way to change it, as only the server can. */
const pendingOf = (browser: Browser, { oidc }: OidcScene) => {
  const seal = makeSeal(oidc.clientSecret, "pending sign-in")
  const cookies = browser.cookies(publicUrl)
  const opened = seal.open(cookies.get("muster_oidc") ?? "")
  const pending = opened._tag === "Some" ? JSON.parse(opened.value) as Record<string, unknown> : undefined
  return {
    pending,
    change: (changes: object) => cookies.set("muster_oidc", seal.seal(JSON.stringify({ ...pending, ...changes })))
  }
}

/** A browser that ended with a page, not with a session. */
const assertRefused = Effect.fnUntraced(function*(
  { muster }: OidcScene,
  browser: Browser,
  page: { readonly status: number; readonly text: string },
  status: number,
  words: string
) {
  assert.strictEqual(page.status, status, page.text)
  assert.include(page.text, words)
  assert.isUndefined(yield* whoIs(browser, muster))
  assert.isUndefined(browser.cookies(publicUrl).get("muster_session"))
})

const exchanged = ({ provider }: OidcScene) => provider.calls.filter((call) => call === "POST /token").length

describe("sign-in with OpenID Connect", () => {
  it.effect("A-09 a sign-in that starts at one server and ends at another opens a session of both", () =>
    Effect.gen(function*() {
      const { browser, muster, provider, replica, upToCallback } = yield* startOidc()
      const other = yield* replica
      const page = browser()
      provider.present("sub-1", ana)
      const address = yield* upToCallback(page, "?return_to=/skills%3Fa=1%23b")
      page.places[publicUrl] = other.url
      const end = yield* page.call(address)
      assert.deepStrictEqual([end.status, end.headers.get("location")], [302, `${publicUrl}/skills?a=1#b`])
      const known = yield* whoIs(page, muster)
      assert.deepStrictEqual([known?.email, known?.name], ["ana@example.com", "Ana"])
      assert.deepStrictEqual(yield* whoIs(page, other), known)
    }))

  it.effect("A-09 the start asks for a code with PKCE S256, state and nonce, and keeps them in a sealed cookie for 10 minutes", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc()
      const page = scene.browser()
      const start = yield* page.call(`${publicUrl}/auth/oidc/start`)
      const address = new URL(start.headers.get("location") ?? "")
      const { pending } = pendingOf(page, scene)
      assert.strictEqual(address.origin, scene.provider.issuer)
      const query = Object.fromEntries(address.searchParams)
      const { code_challenge, ...plain } = query
      assert.deepStrictEqual(plain, {
        response_type: "code",
        client_id: "muster",
        redirect_uri: callback,
        scope: "openid email profile",
        state: String(pending?.["state"]),
        nonce: String(pending?.["nonce"]),
        code_challenge_method: "S256"
      })
      assert.notInclude([undefined, pending?.["verifier"]], code_challenge)
      const [line = ""] = start.headers.getSetCookie()
      const attributes = line.split("; ").slice(1)
      assert.includeMembers(attributes, ["Path=/auth/oidc", "HttpOnly", "SameSite=Lax", "Max-Age=600"])
      const again = yield* page.call(`${publicUrl}/auth/oidc/start`)
      assert.notStrictEqual(new URL(again.headers.get("location") ?? "").searchParams.get("state"), plain["state"])
      const text = decodeURIComponent(line)
      for (const secret of ["state", "nonce", "verifier"]) assert.notInclude(text, String(pending?.[secret]))
    }))

  it.effect("A-09 the provider refuses the code without the verifier of its own start: PKCE is checked", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc()
      const page = scene.browser()
      scene.provider.present("sub-1", ana)
      const address = yield* scene.upToCallback(page)
      pendingOf(page, scene).change({ verifier: "v".repeat(43) })
      yield* assertRefused(scene, page, yield* page.call(address), 400, "was used before, or it has expired")
      assert.strictEqual(exchanged(scene), 1)
    }))

  it.effect("A-09 an ID token of another start is refused: the nonce is checked", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc()
      const page = scene.browser()
      scene.provider.present("sub-1", ana)
      const address = yield* scene.upToCallback(page)
      pendingOf(page, scene).change({ nonce: "another" })
      yield* assertRefused(scene, page, yield* page.call(address), 502, "did not pass the checks")
    }))

  it.effect("A-09 a wrong state is refused without a call to the provider, and the pending sign-in continues", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc()
      const page = scene.browser()
      scene.provider.present("sub-1", ana)
      const address = yield* scene.upToCallback(page)
      const wrong = new URL(address)
      wrong.searchParams.set("state", "made-up")
      yield* assertRefused(scene, page, yield* page.call(wrong.href), 400, "another sign-in")
      wrong.searchParams.delete("state")
      yield* assertRefused(scene, page, yield* page.call(wrong.href), 400, "another sign-in")
      assert.strictEqual(exchanged(scene), 0)
      assert.strictEqual((yield* page.call(address)).status, 302)
      assert.isDefined(yield* whoIs(page, scene.muster))
    }))

  it.effect("A-09 a code works only in the browser that started the sign-in", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc()
      const [page, other] = [scene.browser(), scene.browser()]
      scene.provider.present("sub-1", ana)
      const address = yield* scene.upToCallback(page)
      yield* assertRefused(scene, other, yield* other.call(address), 400, "started in another browser")
      other.cookies(publicUrl).set("muster_oidc", `${page.cookies(publicUrl).get("muster_oidc")}x`.slice(1))
      yield* assertRefused(scene, other, yield* other.call(address), 400, "started in another browser")
      assert.strictEqual(exchanged(scene), 0)
    }))

  it.effect("A-09 a sign-in that takes 10 minutes has expired", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc()
      const page = scene.browser()
      scene.provider.present("sub-1", ana)
      const address = yield* scene.upToCallback(page)
      yield* TestClock.adjust(10 * minute)
      yield* assertRefused(scene, page, yield* page.call(address), 400, "took longer than 10 minutes")
      assert.strictEqual(exchanged(scene), 0)
    }))

  it.effect("A-09 a callback works once: neither again, nor its code with the cookie kept", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc()
      const page = scene.browser()
      scene.provider.present("sub-1", ana)
      const address = yield* scene.upToCallback(page)
      const kept = page.cookies(publicUrl).get("muster_oidc") ?? ""
      assert.strictEqual((yield* page.call(address)).status, 302)
      assert.isUndefined(page.cookies(publicUrl).get("muster_oidc"))
      const thief = scene.browser()
      yield* assertRefused(scene, thief, yield* thief.call(address), 400, "was finished already")
      thief.cookies(publicUrl).set("muster_oidc", kept)
      yield* assertRefused(scene, thief, yield* thief.call(address), 400, "was used before, or it has expired")
    }))

  it.effect("A-09 a sign-in that the person or the provider denies ends with a page", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc()
      const page = scene.browser()
      scene.provider.present(null)
      const denied = yield* page.visit(`${publicUrl}/auth/oidc/start`)
      yield* assertRefused(scene, page, denied, 403, "Sign-in denied")
      assert.include(denied.text, "href=\"/auth/oidc/start\"")
      assert.include(denied.headers.get("content-security-policy") ?? "", "default-src 'none'")
      assert.strictEqual(denied.headers.get("cache-control"), "no-store")
    }))

  it.effect("A-09 the session ends with no token but after 30 days; what it makes outlives it", () =>
    Effect.gen(function*() {
      const { browser, muster, provider, signIn } = yield* startOidc()
      const page = browser()
      provider.present("sub-1", ana)
      yield* signIn(page)
      const cookies = page.cookies(publicUrl)
      const session = muster.as(cookies.get("muster_session") ?? "")
      const token = (yield* session.post("/api/tokens", { name: "laptop" })).json.token as string
      const rows = [...muster.accessState.tokens.values()]
      assert.deepStrictEqual(
        rows.map(({ expiresAt, parentId, purpose }) => [purpose, parentId, expiresAt]),
        [["session", null, 30 * 24 * 60 * minute], ["api", null, null]]
      )
      const csrf = decodeURIComponent(cookies.get("muster_csrf") ?? "")
      yield* page.call(`${publicUrl}/api/session`, "DELETE", { "x-csrf-token": csrf })
      assert.isUndefined(yield* whoIs(page, muster))
      assert.strictEqual((yield* muster.as(token).get("/api/me")).status, 200)
    }))

  it.effect("A-09 neither log nor audit has a code, a token or a secret; the audit log has each sign-in and each refusal", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc({ allowedDomains: ["example.com"], workspace: "home" })
      const { muster, provider, signIn, upToCallback } = scene
      const bob = yield* muster.person("bob")
      const home = (yield* muster.workspace("home", bob)).id
      const [page, refused] = [scene.browser(), scene.browser()]
      provider.present("sub-2", { ...ana, email: "eve@example.net" })
      yield* assertRefused(scene, refused, yield* signIn(refused), 403, "example.com only")
      provider.present("sub-1", ana)
      const address = yield* upToCallback(page)
      yield* page.call(address)
      const { events } = (yield* muster.as(bob.token, home).get("/api/audit?action=sign_in")).json as {
        readonly events: ReadonlyArray<{
          readonly action: string
          readonly actor: { readonly name: string | null }
          readonly details: Readonly<Record<string, unknown>>
        }>
      }
      const seen = events.map((
        { action, actor, details }
      ) => [action, actor.name, details["reason"], details["detail"]])
      assert.deepStrictEqual(seen, [
        ["sign_in.accept", "Ana", undefined, undefined],
        ["sign_in.refuse", null, "domain", "eve@example.net"]
      ])
      const written = JSON.stringify([muster.lines, events])
      const code = new URL(address).searchParams.get("code") ?? ""
      for (const secret of [code, provider.clientSecret, page.cookies(publicUrl).get("muster_session") ?? ""]) {
        assert.isAbove(secret.length, 20)
        assert.notInclude(written, secret)
      }
    }))
})
