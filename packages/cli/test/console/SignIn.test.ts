import { assert, describe, it } from "@effect/vitest"
import { chromiumProgram, freePort, openIdProvider } from "@muster/store-suite"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { chromium, type Page } from "playwright-core"
import { makeHome } from "../support/runMuster.ts"
import { spawnMuster } from "../support/Spawned.ts"
import { examine, shown } from "./support/Page.ts"

const build = fileURLToPath(new URL("../../../../scripts/console.mjs", import.meta.url))

/** A server that people sign in to with a provider, which is down, and a browser. */
const makeScene = Effect.gen(function*() {
  execFileSync(process.execPath, [build], { stdio: "pipe" })
  const port = yield* Effect.orDie(freePort((message) => message))
  // Another site than the provider's 127.0.0.1, so that the browser treats cookies as it does in production.
  const url = `http://localhost:${port}`
  const provider = yield* openIdProvider({
    redirectUris: [`${url}/auth/oidc/callback`],
    postLogoutRedirectUris: [`${url}/`]
  })
  yield* provider.stop
  const home = yield* makeHome
  const server = yield* spawnMuster(["server", "--port", String(port), "--host", "127.0.0.1"], {
    HOME: home,
    MUSTER_PUBLIC_URL: url,
    MUSTER_OIDC_ISSUER: provider.issuer,
    MUSTER_OIDC_CLIENT_ID: provider.clientId,
    MUSTER_OIDC_CLIENT_SECRET: provider.clientSecret,
    MUSTER_OIDC_NAME: "Example ID",
    MUSTER_OIDC_WORKSPACE: "home"
  })
  yield* server.awaitOut(/server is up/)
  const browser = yield* Effect.acquireRelease(
    Effect.promise(() =>
      chromium.launch({ executablePath: chromiumProgram(), args: ["--no-sandbox", "--disable-gpu"] })
    ),
    (browser) => Effect.promise(() => browser.close())
  )
  const token = readFileSync(`${home}/.muster/token`, "utf8").trim()
  /** A call of the API by the owner. */
  const call = async (path: string, body: object) => {
    const response = await fetch(url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body)
    })
    return response.json() as Promise<{ readonly id: string; readonly path: string }>
  }
  return { url, provider, browser, call }
})

/** Only for what hangs: the server looks for its provider again after seconds, and the machine may be busy. */
const timeout = 180_000

type Scene = Effect.Success<typeof makeScene>

/** A person without an account opens an invitation's link, signs in with the provider, and joins. */
const joinsByInvitation = async ({ browser, call, provider, url }: Scene) => {
  const { id } = await call("/api/workspaces", { name: "Team", slug: "team" })
  const { path } = await call(`/api/workspaces/${id}/invitations`, { role: "member" })
  provider.present("sub-2", { email: "bob@example.com", email_verified: true, name: "Bob" })
  const page = await browser.newPage()
  await page.goto(url + path)
  await page.getByRole("heading", { name: "Join Team" }).waitFor()
  await examine(page, "invitation-provider", ["light"])
  await page.getByRole("link", { name: "Sign in with Example ID" }).click()
  await shown(page, /You are signed in as Bob \(bob@example.com\)/)
  assert.strictEqual(page.url(), `${url}/`)
  await page.getByRole("button", { name: "Join" }).click()
  await page.getByRole("navigation").waitFor()
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ")
  const workspaces = await (await fetch(`${url}/api/workspaces`, { headers: { cookie } })).json() as ReadonlyArray<
    { readonly slug: string }
  >
  assert.deepStrictEqual(workspaces.map(({ slug }) => slug), ["home", "team"])
  await page.context().close()
}

const fragmentOf = (page: Page) => page.evaluate(() => location.hash)

describe("sign-in with a provider in a browser", () => {
  it.live(
    "A-09 the button shows when the provider is down, signs in when it is up, also into an invitation, and signing out ends both sessions",
    () =>
      Effect.gen(function*() {
        const scene = yield* makeScene
        const { browser, provider, url } = scene
        const page = yield* Effect.promise(async () => {
          const page = await browser.newPage()
          page.setDefaultTimeout(30_000)
          await page.goto(`${url}/skills?q=a#part`)
          await page.getByRole("button", { name: "Example ID cannot be reached" }).waitFor()
          await examine(page, "sign-in-provider-down", ["light"])
          return page
        })
        yield* provider.restart
        provider.present("sub-1", { email: "ana@example.com", email_verified: true, name: "Ana" })
        yield* Effect.promise(async () => {
          const link = page.getByRole("link", { name: "Sign in with Example ID" })
          await link.waitFor()
          await examine(page, "sign-in-provider")
          await link.click()
          await page.getByRole("heading", { name: "Skills", exact: true }).waitFor()
          assert.deepStrictEqual([page.url().split("#")[0], await fragmentOf(page)], [`${url}/skills?q=a`, "#part"])
          await page.getByRole("link", { name: "Settings" }).click()
          await page.getByRole("link", { name: "Connect Example ID" }).click()
          await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor()
          assert.strictEqual(page.url(), `${url}/settings`)
          await examine(page, "settings-provider", ["light"])
          const session = (await page.context().cookies()).find(({ name }) => name === "muster_session")
          await page.getByRole("button", { name: /ana@example.com/ }).click()
          await page.getByRole("menuitem", { name: "Sign out" }).click()
          await page.waitForURL((address) => address.origin === provider.issuer)
          await page.getByRole("button", { name: /yes/i }).click()
          await page.getByRole("heading", { name: "Sign in to Muster" }).waitFor()
          assert.strictEqual(page.url(), `${url}/`)
          const me = await fetch(`${url}/api/me`, { headers: { cookie: `muster_session=${session?.value}` } })
          assert.strictEqual(me.status, 401)
          await joinsByInvitation(scene)
          provider.present(null)
          await page.getByRole("link", { name: "Sign in with Example ID" }).click()
          await shown(page, "Sign-in denied")
          await page.getByRole("link", { name: "Other ways to sign in" }).click()
          await page.getByRole("heading", { name: "Sign in to Muster" }).waitFor()
        })
      }),
    timeout
  )
})
