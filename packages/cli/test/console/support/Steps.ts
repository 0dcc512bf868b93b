import { assert } from "@effect/vitest"
import type { BrowserContext, Page } from "playwright-core"
import { rowOf, shown } from "./Page.ts"

const person = /owner@localhost/

/**
 * Waits until the page's background has, or no longer has, a color, and returns it: a change shows with the next frame.
 */
const ground = async (page: Page, is: boolean, colour: string): Promise<string> => {
  const found = await page.waitForFunction(([is, colour]) => {
    const now = getComputedStyle(document.documentElement).backgroundColor
    return (now === colour) === is && now
  }, [is, colour] as const)
  return String(await found.jsonValue())
}

/** A chosen theme overrides the system's, here and after a reload; the system's applies again after a reset. */
export const choosesTheme = async (page: Page) => {
  const choose = async (theme: string) => {
    await page.getByRole("button", { name: person }).click()
    const item = page.getByRole("menuitemradio", { name: theme })
    await item.click()
    await page.keyboard.press("Escape")
    await item.waitFor({ state: "detached" })
  }
  const light = await ground(page, false, "")
  await choose("Dark")
  const dark = await ground(page, false, light)
  await page.reload()
  await page.getByRole("navigation").waitFor()
  await ground(page, true, dark)
  await page.emulateMedia({ colorScheme: "dark" })
  await choose("Light")
  await ground(page, true, light)
  await choose("System theme")
  await ground(page, true, dark)
  await page.emulateMedia({ colorScheme: "light" })
  await ground(page, true, light)
}

/**
 * OpenCode's daemon gets an update request: a checkout reports that it cannot update, and the current version is
 * enough.
 */
export const asksForUpdate = async (page: Page, picture: () => Promise<void>) => {
  await rowOf(page).getByRole("button", { name: /^More for/ }).click()
  await page.getByRole("menuitem", { name: "Update Muster …" }).click()
  const dialog = page.getByRole("dialog")
  const version = dialog.getByRole("textbox", { name: "Version" })
  const update = dialog.getByRole("button", { name: "Update" })
  const own = await version.inputValue()
  await version.fill("latest")
  await update.click()
  await shown(dialog, "Enter a full version, such as 1.2.3.")
  await version.fill("99.0.0")
  await update.click()
  await shown(dialog, /runs from a checkout/)
  await picture()
  await version.fill(own)
  await update.click()
  await shown(dialog, `Already at ${own}`)
  await dialog.getByRole("button", { name: "Close" }).click()
  await dialog.waitFor({ state: "detached" })
}

/** When the server is down the page remains: what cannot be opened has its error, and opens once the server is back. */
export const standsWithoutServer = async (context: BrowserContext, page: Page) => {
  const menu = page.getByRole("button", { name: person })
  // The menu's items were not opened before the server went down.
  await context.route("**/PersonMenu*", (route) => route.abort())
  await page.reload()
  await rowOf(page).waitFor()
  await context.route("**/*", (route) => route.abort())
  await menu.click()
  await shown(page, /^This could not be loaded/)
  await shown(page, /The server cannot be reached\. This is the last known state/)
  await context.unroute("**/*")
  await context.unroute("**/PersonMenu*")
  await menu.click()
  await page.getByRole("menuitem", { name: "Sign out" }).waitFor()
  await page.keyboard.press("Escape")
  await page.getByText(/This is the last known state/).waitFor({ state: "detached" })
}

/** The API page is shown completely. Returns its calls to other hosts. */
export const readsTheApi = async (page: Page, url: string): Promise<ReadonlyArray<string>> => {
  const foreign: Array<string> = []
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) foreign.push(request.url())
  })
  await page.goto(`${url}/docs`)
  await page.getByRole("heading", { name: "Muster", exact: true }).waitFor()
  await page.getByText("/api/runtimes", { exact: true }).first().waitFor()
  return foreign
}

/** The menu of the person opens the documentation, which is on the same server. */
export const opensDocumentation = async (page: Page) => {
  await page.getByRole("button", { name: person }).click()
  const [help] = await Promise.all([
    page.context().waitForEvent("page"),
    page.getByRole("menuitem", { name: "Documentation" }).click()
  ])
  await help.getByRole("heading", { name: "Documentation" }).waitFor()
  assert.strictEqual(help.url(), new URL("/help/", page.url()).href)
  await help.close()
}
