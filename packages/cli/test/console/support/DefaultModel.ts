import { assert } from "@effect/vitest"
import type { Page } from "playwright-core"
import { models } from "./FakeClis.ts"
import { examine, rowOf, shown } from "./Page.ts"
import type { Scene } from "./Scene.ts"

/**
 * The default model `acme/own-model`, which the list does not have, was chosen on the page: it is kept on the server and the
 * page says that the list lacks it. One of the list needs no note, and every browser shows it.
 */
export const keepsDefaultModel = async (page: Page, open: Scene["Service"]["open"]) => {
  const label = page.getByText(/^Default model:/)
  const clear = async () => {
    await page.getByRole("button", { name: "Clear" }).click()
    await label.waitFor({ state: "detached" })
  }
  await shown(page, /^Default model: acme\/own-model$/)
  await shown(page, /^acme\/own-model is not in the list of .*: tasks that name no model still ask for it/)
  await examine(page, "models-default")
  await page.reload()
  await shown(page, /^Default model: acme\/own-model$/)
  await clear()
  await page.getByRole("option", { name: models[0]!, exact: true }).click()
  await shown(page, `Default model: ${models[0]}`)
  assert.strictEqual(await page.getByText(/is not in the list of/).count(), 0)
  const other = await open()
  await shown(rowOf(other.page), models[0]!)
  await other.context.close()
  await clear()
}
