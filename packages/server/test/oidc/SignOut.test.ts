import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Browser } from "./Browser.ts"
import { ana, publicUrl, startOidc, whoIs } from "./Scene.ts"

const end = `${publicUrl}/auth/oidc/end`
const home = `${publicUrl}/`

/** The console's first step. */
const endSession = (page: Browser) =>
  page.call(`${publicUrl}/api/session`, "DELETE", {
    "x-csrf-token": decodeURIComponent(page.cookies(publicUrl).get("muster_csrf") ?? "")
  })

describe("sign-out", () => {
  it.effect("A-09 ends the session, then the provider's, which accepts the address of the return", () =>
    Effect.gen(function*() {
      const { browser, muster, provider, signIn } = yield* startOidc()
      const page = browser()
      provider.present("sub-1", ana)
      yield* signIn(page)
      assert.strictEqual((yield* endSession(page)).status, 204)
      assert.isUndefined(yield* whoIs(page, muster))
      const { headers, status } = yield* page.call(end)
      const address = new URL(headers.get("location") ?? "")
      assert.deepStrictEqual([status, address.origin], [302, provider.issuer])
      assert.strictEqual(address.searchParams.get("post_logout_redirect_uri"), home)
      assert.strictEqual(address.searchParams.get("id_token_hint")?.split(".").length, 3)
      const confirmation = yield* page.call(address.href)
      assert.strictEqual(confirmation.status, 200, confirmation.text)
      const again = yield* page.call(end)
      assert.strictEqual(again.headers.get("location"), "/")
    }))

  it.effect("A-09 without a provider's session, or with the provider down, the browser remains here", () =>
    Effect.gen(function*() {
      const { browser, muster, provider, signIn, upToCallback } = yield* startOidc()
      const other = browser()
      const bob = yield* muster.person("bob")
      other.cookies(publicUrl).set("muster_session", bob.token).set("muster_oidc_account", "made-up")
      assert.strictEqual((yield* other.call(end)).headers.get("location"), "/")
      const page = browser()
      provider.present("sub-1", ana)
      yield* signIn(page)
      const pending = yield* upToCallback(page)
      yield* provider.stop
      assert.strictEqual((yield* page.call(pending)).status, 503)
      assert.strictEqual((yield* page.call(end)).headers.get("location"), home)
    }))
})
