import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { examine, shown } from "./support/Page.ts"
import { Scene } from "./support/Scene.ts"

const testTimeout = 60_000

/** A test over the scene, written with the browser's promises. */
const test = (body: (scene: Scene["Service"]) => Promise<void>) => () =>
  Effect.flatMap(Scene, (scene) => Effect.promise(() => body(scene)))

/** Registers a runtime of a daemon that does not exist, and returns its id. */
const register = async ({ call, workspace }: Scene["Service"], machine: string): Promise<string> => {
  const { runtimes } = await call("POST", "/api/daemon/register", {
    workspace_id: workspace,
    daemon_id: machine,
    device_name: machine,
    runtimes: [{ name: `Codex (${machine})`, type: "codex", version: "1.2.3", status: "online" }]
  })
  return runtimes[0].id
}

const pages = [
  ["/", "Fleet"],
  ["/tasks", "Tasks"],
  ["/machines", "Machines"],
  ["/skills", "Skills"],
  ["/requests", "Requests"],
  [
    "/people",
    "People"
  ],
  ["/audit", "Audit"],
  ["/settings", "Settings"]
] as const

layer(Scene.layerAlone, { excludeTestServices: true, timeout: testTimeout })("the pages of the console", (it) => {
  it.effect(
    "C-04 looking at pages asks no machine and leaves no request",
    test(async (scene) => {
      const { call, open, workspace } = scene
      const id = await register(scene, "quiet")
      const { context, page } = await open()
      for (const [path, heading] of pages) {
        await page.goto(new URL(path, page.url()).href)
        await page.getByRole("heading", { level: 1, name: new RegExp(heading) }).waitFor()
      }
      await page.goto(new URL(`/runtimes/${id}`, page.url()).href)
      await page.getByRole("button", { name: "List the models" }).waitFor()
      await page.getByRole("button", { name: "List the skills" }).waitFor()
      await examine(page, "runtime-unasked")
      assert.deepStrictEqual((await call("GET", "/api/requests", undefined, workspace)).requests, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "C-04 a link to a request or a skill shows it; a runtime has its name while it lives and after; an unknown address is a page",
    test(async (scene) => {
      const { call, open, workspace } = scene
      const [living, deleted] = [await register(scene, "living"), await register(scene, "deleted")]
      const ask = (id: string) => call("POST", `/api/runtimes/${id}/models?fresh=1`, {}, workspace)
      const { id } = await ask(living)
      await ask(deleted)
      await call("DELETE", `/api/runtimes/${deleted}`, undefined, workspace)
      const { context, page, wrongs } = await open(`/requests/${id}`)
      await shown(page.getByRole("dialog"), "List models, Codex (living)")
      await page.getByRole("button", { name: "Close" }).click()
      await page.waitForURL(/\/requests$/)
      const row = (name: string) => page.getByRole("listitem").filter({ hasText: name })
      await row("Codex (deleted)").getByText("deleted", { exact: true }).waitFor()
      assert.strictEqual(await row("Codex (living)").getByText("deleted").count(), 0)
      await row("Codex (living)").getByRole("link", { name: "List models" }).click()
      await page.waitForURL(new RegExp(`/requests/${id}$`))

      await page.goto(new URL(`/requests/${"0".repeat(32)}`, page.url()).href)
      await shown(page.getByRole("dialog"), /not one of the last 100 requests/)
      await page.goto(new URL(`/skills/${living}`, page.url()).href)
      await shown(page.getByRole("dialog"), /library has no such skill/)
      await page.goto(new URL("/no/such/page", page.url()).href)
      await page.getByRole("heading", { name: "Page not found" }).waitFor()
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "C-02 without the server every page says so, and goes on when it is back",
    test(async ({ open }) => {
      const { context, page } = await open()
      await shown(page, "Live")
      // What pages need is loaded, so that they open without the server.
      for (const [, heading] of pages.filter(([path]) => path !== "/audit")) {
        await page.getByRole("navigation").getByRole("link", { name: heading }).click()
        await page.getByRole("heading", { level: 1, name: new RegExp(heading) }).waitFor()
      }
      await context.route("**/api/**", (route) => route.abort())
      await context.route("**/readyz", (route) => route.abort())
      await page.evaluate(() => {
        // Browsers end a stream when its page is hidden; it cannot be opened again then.
        Object.defineProperty(document, "hidden", { value: true, configurable: true })
        document.dispatchEvent(new Event("visibilitychange"))
        Object.defineProperty(document, "hidden", { value: false, configurable: true })
        document.dispatchEvent(new Event("visibilitychange"))
      })
      for (const [path, heading] of pages.filter(([path]) => path !== "/audit")) {
        await page.getByRole("navigation").getByRole("link", { name: heading }).click()
        await page.waitForURL(new RegExp(`${path}$`))
        await shown(page, /^The server cannot be reached\. This is the last known state/)
      }
      await examine(page, "unreachable")
      await context.unroute("**/api/**")
      await context.unroute("**/readyz")
      await page.getByText(/^The server cannot be reached/).waitFor({ state: "detached" })
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "C-05 a page that the server has in a newer version says so, and loads it",
    test(async ({ open }) => {
      const { context, page } = await open()
      await shown(page, "Live")
      assert.strictEqual(await page.getByText(/new version of this page/).count(), 0)
      await context.route((url) => url.pathname === "/", async (route) => {
        const response = await route.fetch()
        const text = await response.text()
        await route.fulfill({ response, body: text.replace(/\/assets\/index-[\w-]+\.js/, "/assets/index-newer.js") })
      }, { times: 1 })
      await page.evaluate(() => dispatchEvent(new Event("focus")))
      await context.setOffline(true)
      await context.setOffline(false)
      await page.evaluate(() => {
        document.dispatchEvent(new Event("visibilitychange"))
      })
      await shown(page, "The server has a new version of this page.")
      await examine(page, "new-version", ["light"])
      await page.getByRole("button", { name: "Reload" }).click()
      await page.getByText(/new version of this page/).waitFor({ state: "detached" })
      await context.close()
    }),
    testTimeout
  )
})
