import { assert } from "@effect/vitest"
import axe from "axe-core"
import type { Locator, Page } from "playwright-core"
import { artifacts } from "./Scene.ts"

const opencode = /^opencode/i

/** The fleet's row of OpenCode. */
export const rowOf = (page: Page, name: RegExp = opencode): Locator =>
  page.getByRole("listitem").filter({ has: page.getByRole("link", { name }) })

/** Opens OpenCode's own page. */
export const openRuntime = (page: Page, name: RegExp = opencode) => page.getByRole("link", { name }).click()

/** Waits until this text is shown. */
export const shown = (page: Page | Locator, text: string | RegExp) => page.getByText(text).first().waitFor()

/** The serious findings of axe, in words. */
const seriousFindings = async (page: Page): Promise<ReadonlyArray<string>> => {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { readonly axe: typeof axe }).axe.run(document, {
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    })
  )
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ help, nodes }) => nodes.map(({ html }) => `${help}: ${html.slice(0, 160)}`))
}

export const themes = ["light", "dark"] as const

/** Waits until no list shows its last content, pale, while it loads the next. */
const listsLoaded = (page: Page) => page.waitForFunction(() => !document.querySelector("[aria-busy=true]:not(button)"))

/** Puts the page into these themes, checks for serious findings in each, and saves a screenshot of each. */
export const examine = async (page: Page, name: string, which: ReadonlyArray<(typeof themes)[number]> = themes) => {
  await listsLoaded(page)
  for (const theme of which) {
    await page.emulateMedia({ colorScheme: theme })
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
    await page.screenshot({ path: `${artifacts}/${name}-${theme}.png`, animations: "disabled" })
    assert.deepStrictEqual([name, theme, await seriousFindings(page)], [name, theme, []])
  }
  await page.emulateMedia({ colorScheme: "light" })
}

/** Whether nothing of the page overflows its window to the right. */
export const fitsWindow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)

/** Presses Tab until the element with this name has the focus; 60 presses at most. */
export const tabTo = async (page: Page, name: RegExp) => {
  for (let presses = 0; presses < 60; presses++) {
    const focused = await page.evaluate(() => {
      const one = document.activeElement
      return one === null ? "" : one.getAttribute("aria-label") ?? one.textContent ?? ""
    })
    if (name.test(focused)) return
    await page.keyboard.press("Tab")
  }
  assert.fail(`the keyboard does not reach ${name}`)
}
