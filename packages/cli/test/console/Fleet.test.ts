import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { fillLarge, longest } from "./support/LargeFleet.ts"
import { examine, fitsWindow, shown } from "./support/Page.ts"
import { Scene } from "./support/Scene.ts"

const testTimeout = 120_000

/** A test over the scene, written with the browser's promises. */
const test = (body: (scene: Scene["Service"]) => Promise<void>) => () =>
  Effect.flatMap(Scene, (scene) => Effect.promise(() => body(scene)))

let filled: Promise<string> | undefined

/** The page of a workspace with 5,000 runtimes, at a width of the window in px. */
const openLarge = async (scene: Scene["Service"], width = 1440, search = "") => {
  await (filled ??= fillLarge(scene, "large"))
  const opened = await scene.open(`/${search}`, { viewport: { width, height: 900 } })
  await opened.page.getByRole("combobox", { name: "Workspace" }).selectOption("Large")
  return opened
}

const nodes = (page: Page) => page.evaluate(() => document.querySelectorAll("*").length)

const chip = (page: Page, name: RegExp) => page.getByRole("group", { name: "Filters" }).getByRole("button", { name })

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? "")

const presses = async (page: Page, ...keys: ReadonlyArray<string>) => {
  for (const key of keys) await page.keyboard.press(key)
}

/** Waits until what has the keyboard has this text. */
const focusOn = (page: Page, text: string) =>
  page.waitForFunction((text) => document.activeElement?.textContent === text, text)

layer(Scene.layerAlone, { excludeTestServices: true, timeout: testTimeout })("the fleet in a browser", (it) => {
  it.effect(
    "A-12 5,000 runtimes: one page is loaded first, below 3,000 DOM nodes from the first runtime to the last",
    test(async (scene) => {
      const { context, page, wrongs } = await openLarge(scene)
      const calls: Array<URL> = []
      page.on("request", (request) => calls.push(new URL(request.url())))
      await page.reload()
      await shown(page, "Codex (ada-laptop)")
      await shown(page, "4,296 online, 704 offline")
      const lists = calls.filter(({ pathname }) => /^\/api\/(runtimes|fleet)$/.test(pathname))
      assert.isTrue(
        lists.every(({ pathname, searchParams }) => pathname === "/api/fleet" && searchParams.get("limit") === "100")
      )
      assert.isBelow(await nodes(page), 3_000)

      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2))
      await page.locator(".row-name").first().waitFor()
      await page.waitForFunction(() => document.querySelectorAll(".row-loading").length === 0)
      assert.isBelow(await nodes(page), 3_000)

      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
      await shown(page, `Opencode (${longest})`)
      assert.isBelow(await nodes(page), 3_000)
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "A-12 names are whole at 1440, 768 and 360 px, in both themes",
    test(async (scene) => {
      for (const width of [1440, 768, 360]) {
        const { context, page } = await openLarge(scene, width)
        const name = page.getByRole("link", { name: "Codex (ada-laptop)" })
        await name.waitFor()
        assert.isTrue(await name.evaluate((link) => link.scrollWidth <= link.clientWidth), `${width}: the name is cut`)
        await examine(page, `fleet-${width}`)
        assert.isTrue(await fitsWindow(page), String(width))
        await context.close()
      }
    }),
    testTimeout
  )

  it.effect(
    "A-12 filters are in the URL: chips with counts, a search, menus; a reload keeps them and the back button undoes them",
    test(async (scene) => {
      const { context, page } = await openLarge(scene)
      await chip(page, /^Trouble 2$/).click()
      await page.waitForURL(/\?status=trouble$/)
      await page.getByText("Claude (ada-laptop)").waitFor({ state: "detached" })
      assert.strictEqual(await page.locator(".row").count(), 2)
      await page.goBack()
      await shown(page, "Claude (ada-laptop)")
      await page.goForward()
      await page.waitForURL(/status=trouble$/)
      await chip(page, /^All/).click()

      await chip(page, /^Provider/).click()
      await page.getByRole("menuitemcheckbox", { name: /^Codex/ }).click()
      await page.getByRole("menuitemcheckbox", { name: /^Gemini/ }).click()
      await examine(page, "fleet-menu", ["light"])
      await page.keyboard.press("Escape")
      await page.waitForURL(/\?provider=codex%2Cgemini$/)
      await chip(page, /^Offline 2$/).click()
      await page.getByRole("searchbox").fill("büro gemini")
      await page.waitForFunction(() => document.querySelectorAll(".row").length === 1)
      await page.getByRole("combobox", { name: "Sort by" }).selectOption("Name")
      await page.getByRole("combobox", { name: "Group by" }).selectOption("No groups")
      await page.reload()
      await page.waitForFunction(() => document.querySelectorAll(".row").length === 1)
      await shown(page, "Gemini (büro-mac)")
      const { searchParams } = new URL(page.url())
      assert.deepStrictEqual(Object.fromEntries(searchParams), {
        status: "offline",
        provider: "codex,gemini",
        q: "büro gemini",
        sort: "name",
        group: "none"
      })
      // The page of a runtime leads back to the same list.
      await page.getByRole("link", { name: "Gemini (büro-mac)" }).click()
      await page.locator("a.back").click()
      await page.waitForURL(/status=offline/)
      await page.getByRole("searchbox").fill("nothing like that")
      await shown(page, "No matches")
      await examine(page, "fleet-none", ["dark"])
      await page.getByRole("button", { name: "Show all runtimes" }).click()
      await shown(page, "4,296 online, 704 offline")
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "A-12 the keyboard: / searches, arrows move over runtimes and machines, fold, x selects, ? explains",
    test(async (scene) => {
      const { context, page } = await openLarge(scene)
      await shown(page, "Codex (ada-laptop)")
      await presses(page, "/")
      await page.keyboard.type("ada")
      await page.waitForFunction(() => document.querySelectorAll(".row").length === 4)
      await presses(page, "ArrowDown")
      await focusOn(page, "ada-laptop")
      await presses(page, "ArrowDown", "ArrowDown")
      await focusOn(page, "Gemini (ada-laptop)")
      await presses(page, "x", "ArrowUp", "x")
      await shown(page, "2 selected")
      await presses(page, "ArrowLeft")
      await focusOn(page, "ada-laptop")
      await presses(page, "ArrowLeft")
      await page.getByText("Gemini (ada-laptop)").waitFor({ state: "detached" })
      await presses(page, "ArrowRight")
      await shown(page, "Gemini (ada-laptop)")

      await presses(page, "/", "Escape", "Escape")
      await shown(page, "4,296 online, 704 offline")
      await presses(page, "ArrowDown", "End")
      await focusOn(page, `Opencode (${longest})`)
      await presses(page, "ArrowUp")
      await focusOn(page, `Gemini (${longest})`)
      await presses(page, "Home")
      await focusOn(page, "ada-laptop")
      assert.strictEqual(await page.evaluate(() => scrollY < 300), true)

      await presses(page, "?")
      await shown(
        page.getByRole("dialog"),
        "the last real use of its CLI worked; a ping alone shows that the CLI starts"
      )
      await examine(page, "fleet-help")
      await presses(page, "Escape")
      await page.getByRole("dialog").waitFor({ state: "detached" })
      assert.strictEqual(await focused(page), "ada-laptop")
      await page.getByRole("button", { name: "Fold all" }).click()
      await shown(page, "rack-10")
      await examine(page, "fleet-folded", ["light"])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "A-12 bulk actions: all that match are selected, deleted after their number is typed, updated with the newest version",
    test(async (scene) => {
      const { context, page } = await openLarge(scene, 1440, "?q=rack-1%20offline")
      await page.getByLabel("Select Cli-0 (rack-10)").check()
      await page.getByRole("button", { name: "Select all 200" }).click()
      await shown(page, "200 selected")
      await examine(page, "fleet-selected", ["light"])
      await page.getByRole("button", { name: "Delete …" }).click()
      const dialog = page.getByRole("dialog")
      await shown(dialog, /and 195 more/)
      assert.isTrue(await dialog.getByRole("button", { name: "Delete" }).isDisabled())
      await dialog.getByRole("textbox").fill("200")
      await examine(page, "fleet-delete")
      await dialog.getByRole("button", { name: "Delete" }).click()
      await dialog.getByText("200 of 200 deleted.").waitFor({ timeout: 60_000 })
      await dialog.getByRole("button", { name: "Close" }).click()
      await shown(page, "No matches")

      await page.getByRole("searchbox").fill("ada")
      await page.getByLabel("Select Codex (ada-laptop)").check()
      await page.getByLabel("Select Gemini (ada-laptop)").check()
      await page.getByRole("button", { name: "Update Muster …" }).click()
      await shown(page.getByRole("dialog"), "Update Muster on 1 machine")
      assert.match(await page.getByRole("textbox", { name: "Version" }).inputValue(), /^\d+\.\d+\.\d+$/)
      await examine(page, "fleet-update", ["light"])
      await context.close()
    }),
    testTimeout
  )
})
