import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { markedProcesses, taskScene } from "../support/TaskScene.ts"
import { examine, shown } from "./support/Page.ts"
import { openBrowser } from "./support/Scene.ts"

const testTimeout = 180_000

describe("a real agent in the console", () => {
  it.live(
    "T-18 Codex does what it is given on the page, and is canceled there while its shell command sleeps",
    () =>
      Effect.gen(function*() {
        const { runtime, server, work } = yield* taskScene
        const open = yield* openBrowser(server.url, async () => {
          const response = await fetch(`${server.url}/api/session/links`, {
            method: "POST",
            headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
            body: "{}"
          })
          return response.json()
        })
        yield* Effect.promise(async () => {
          const { context, page, wrongs } = await open(`/runtimes/${runtime}`)
          context.setDefaultTimeout(60_000)
          const give = async (prompt: string) => {
            const form = page.getByRole("region", { name: "Tasks" })
            await form.getByRole("textbox", { name: "What is to be done" }).fill(prompt)
            await form.getByRole("textbox", { name: /^Folder on/ }).fill(work)
            await form.getByRole("button", { name: "Give the task" }).click()
            await page.waitForURL(/\/tasks\/[0-9a-f-]{36}$/)
            return page.url().split("/").at(-1)!
          }
          const status = (name: string) =>
            page.locator(".task-line .tag", { hasText: new RegExp(`^${name}$`) }).waitFor()
          const log = page.getByRole("region", { name: "Entries of the log" })

          await give("Write app.txt SCRIPT:write PATH=app.txt")
          await status("completed")
          await shown(page.getByRole("region", { name: "Result" }), "I wrote the file.")
          await shown(log, /^completed:$/)
          await log.locator("summary").first().click()
          await shown(log.getByRole("region", { name: "Input" }), /app\.txt/)
          await examine(page, "codex-completed")
          assert.strictEqual(readFileSync(join(work, "app.txt"), "utf8"), "written by the agent\n")

          await page.goto(`${server.url}/runtimes/${runtime}`)
          const id = await give("Wait for long SCRIPT:longbash")
          await shown(page, /^running · .*sleep 60.* \(/)
          await examine(page, "codex-running", ["dark"])
          assert.isNotEmpty(markedProcesses(id))
          await page.getByRole("button", { name: "Cancel the task" }).click()
          await page.getByRole("dialog").getByRole("button", { name: "Cancel the task" }).click()
          await status("canceled")
          await shown(page, /its daemon confirmed that nothing of it runs\.$/)
          assert.isEmpty(markedProcesses(id))
          await examine(page, "codex-canceled", ["light"])
          assert.deepStrictEqual(wrongs, [])
          await context.close()
        })
      }).pipe(Effect.scoped),
    testTimeout
  )
})
