import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Page } from "playwright-core"
import { shown } from "./support/Page.ts"
import { artifacts, Scene } from "./support/Scene.ts"
import { giveTask, sampleLog, taskDaemon } from "./support/TaskDaemon.ts"

const testTimeout = 120_000

/** The pictures of the documentation. */
const images = fileURLToPath(new URL("../../../../docs/images", import.meta.url))

/** Where this run writes them: with MUSTER_TEST_PICTURES=docs, into the documentation. */
const target = process.env["MUSTER_TEST_PICTURES"] === "docs" ? images : join(artifacts, "pictures")

/** A page of documentation loads fast with pictures of this size, in bytes. */
const most = 150_000

const names = ["fleet.png", "give-task.png", "task.png"]

/** Writes what a window of this height shows, without the focus ring of what was used last. */
const picture = async (page: Page, name: string, height: number) => {
  await page.setViewportSize({ width: 1120, height })
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.mouse.move(0, 0)
  const bytes = await page.screenshot({ path: join(target, name), animations: "disabled" })
  assert.isBelow(bytes.length, most, name)
}

layer(Scene.layer, { excludeTestServices: true, timeout: testTimeout })("the pictures of the documentation", (it) => {
  it.effect(
    "P-07 show the fleet, the form of a task and a task that runs, as the console has them now",
    () =>
      Effect.flatMap(Scene, (scene) =>
        Effect.promise(async () => {
          mkdirSync(target, { recursive: true })
          const daemon = await taskDaemon(scene, "build-server")
          const { context, page, wrongs } = await scene.open()
          await page.getByRole("link", { name: /^Codex/ }).waitFor()
          await page.getByRole("link", { name: /^OpenCode/i }).waitFor()
          await picture(page, "fleet.png", 520)

          await page.goto(`${scene.url}/runtimes/${daemon.runtimeId}`)
          const form = page.getByRole("region", { name: "Tasks" })
          await form.getByRole("textbox", { name: "What is to be done" }).fill(
            "Fix the failing test of the parser, and explain what was wrong."
          )
          await form.getByRole("textbox", { name: /^Folder on/ }).fill("/home/ana/project")
          await page.setViewportSize({ width: 1120, height: 430 })
          await form.evaluate((one) => one.scrollIntoView({ block: "start" }))
          await picture(page, "give-task.png", 430)

          const id = await giveTask(
            scene,
            daemon.runtimeId,
            "Fix the failing test of the parser, and explain what was wrong.",
            { folder: "/home/ana/project" }
          )
          const claim = await daemon.claim()
          await daemon.begin(claim)
          await daemon.append(claim, sampleLog, Date.now() - 60_000, 2_000)
          await page.goto(`${scene.url}/tasks/${id}`)
          await shown(page, "Rejected by the policy")
          await picture(page, "task.png", 740)
          assert.deepStrictEqual(wrongs, [])
          await context.close()
        })),
    testTimeout
  )

  it("P-07 are in the documentation, each on a page, and small", () => {
    assert.deepStrictEqual(readdirSync(images).toSorted(), names)
    const docs = join(images, "..")
    const pages = readdirSync(docs).filter((name) => name.endsWith(".md")).map((name) =>
      readFileSync(join(docs, name), "utf8")
    ).join("\n")
    for (const name of names) {
      assert.isBelow(readFileSync(join(images, name)).length, most, name)
      assert.match(pages, new RegExp(`!\\[[^\\]]{20,}\\]\\(images/${name}\\)`))
    }
  })
})
