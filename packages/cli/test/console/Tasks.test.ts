import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { examine, fitsWindow, shown } from "./support/Page.ts"
import { Scene } from "./support/Scene.ts"
import { giveTask, startTask, taskDaemon, usage } from "./support/TaskDaemon.ts"

const testTimeout = 120_000

/** A test over the scene, written with the browser's promises. */
const test = (body: (scene: Scene["Service"]) => Promise<void>) => () =>
  Effect.flatMap(Scene, (scene) => Effect.promise(() => body(scene)))

const status = (page: Page, name: string) =>
  page.locator(".task-line .tag", { hasText: new RegExp(`^${name}$`) }).waitFor()

layer(Scene.layerAlone, { excludeTestServices: true, timeout: testTimeout })("tasks in a browser", (it) => {
  it.effect(
    "C-05 the list shows the tasks of the workspace, by status and runtime, in pages, and changes by itself",
    test(async (scene) => {
      const { context, page, wrongs } = await scene.open("/tasks")
      await shown(page, "No tasks yet")
      await examine(page, "tasks-none", ["light"])
      const laptop = await taskDaemon(scene, "list-laptop")
      const rack = await taskDaemon(scene, "list-rack-with-a-long-name.berlin.example.internal")
      const done = await startTask(scene, laptop, "Fix the parser\nand explain it", { model: "gpt-5-codex" })
      const row = (text: string) => page.getByRole("listitem").filter({ hasText: text })
      await row("Fix the parser").getByText("running", { exact: true }).waitFor()
      await laptop.complete(done, "Fixed.", [usage(18_400, 912)])
      await row("Fix the parser").getByText("completed", { exact: true }).waitFor()
      await shown(row("Fix the parser"), "19.3k tokens")
      await shown(row("Fix the parser"), "gpt-5-codex")
      assert.strictEqual(await page.getByText("and explain it").count(), 0)
      const failed = await startTask(
        scene,
        rack,
        "Write the release notes of the next version from everything since the last one"
      )
      await rack.settle(failed, { type: "failed", reason: "provider_auth", error: "not signed in", result: null })
      await row("Write the release notes").getByText("failed", { exact: true }).waitFor()
      await examine(page, "tasks")
      await page.setViewportSize({ width: 360, height: 740 })
      await examine(page, "tasks-narrow", ["light"])
      assert.isTrue(await fitsWindow(page))
      await page.setViewportSize({ width: 1280, height: 860 })

      const chip = (name: string | RegExp) => page.getByRole("group", { name: "Filters" }).getByRole("button", { name })
      await chip("Failed").click()
      await row("Fix the parser").waitFor({ state: "detached" })
      assert.strictEqual(await page.getByRole("main").getByRole("listitem").count(), 1)
      await chip("All").click()
      await chip("Runtime").click()
      await page.getByRole("combobox", { name: "Find a runtime" }).fill("list-lap")
      await page.getByRole("option", { name: /list-rack/ }).waitFor({ state: "detached" })
      await page.getByRole("option", { name: /list-laptop/ }).and(page.locator("[data-active-item]")).waitFor()
      await page.keyboard.press("Enter")
      await row("Write the release notes").waitFor({ state: "detached" })
      await shown(page, "Runtime: Codex (list-laptop)")
      await chip("Queued").click()
      await shown(page, "No such tasks")
      await page.reload()
      await shown(page, "Runtime: Codex (list-laptop)")
      await page.getByRole("button", { name: "Show all tasks" }).click()
      await row("Fix the parser").waitFor()

      for (const n of Array(52).keys()) await giveTask(scene, laptop.runtimeId, `Task ${n + 1} of many`)
      await page.getByRole("link", { name: "Task 52 of many" }).waitFor()
      await page.getByRole("button", { name: "Older" }).click()
      await page.getByRole("link", { name: "Fix the parser" }).waitFor()
      await page.getByRole("link", { name: "Task 2 of many" }).waitFor()
      assert.strictEqual(await page.getByRole("main").getByRole("listitem").count(), 4)
      assert.isTrue(await page.getByRole("button", { name: "Older" }).isDisabled())
      await page.getByRole("button", { name: "Newer" }).click()
      await page.getByRole("link", { name: "Task 52 of many" }).waitFor()
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "C-01 T-06 a task with a model of the picker, a folder and a policy is given once, though the first reply was lost",
    test(async (scene) => {
      const daemon = await taskDaemon(scene, "form-laptop")
      const { context, page, wrongs } = await scene.open(`/runtimes/${daemon.runtimeId}`)
      const form = page.getByRole("region", { name: "Tasks" })
      await form.getByRole("button", { name: /^Model of the task: The CLI/ }).click()
      const picker = page.getByRole("dialog", { name: /^Models of Codex/ })
      await picker.getByRole("combobox").fill("acme/picked-model")
      await picker.getByRole("option", { name: "Use acme/picked-model" }).click()
      await form.getByRole("button", { name: "Model of the task: acme/picked-model" }).waitFor()
      await form.getByRole("textbox", { name: "What is to be done" }).fill("Tidy the imports\nof every file")
      await form.getByRole("textbox", { name: /^Folder on/ }).fill("/home/ana/project")
      await form.getByRole("combobox", { name: "Permissions" }).selectOption("Reject every call")
      await examine(page, "give-task")
      await page.setViewportSize({ width: 360, height: 740 })
      await examine(page, "give-task-narrow", ["dark"])
      assert.isTrue(await fitsWindow(page))
      await page.setViewportSize({ width: 1280, height: 860 })

      const keys: Array<string | undefined> = []
      await page.route("**/api/tasks", async (route) => {
        if (route.request().method() !== "POST") return route.fallback()
        keys.push(route.request().headers()["idempotency-key"])
        if (keys.length > 1) return route.fallback()
        await route.fetch()
        await route.abort()
      })
      await form.getByRole("button", { name: "Give the task" }).click()
      await shown(form.getByRole("alert"), "The server cannot be reached.")
      await form.getByRole("button", { name: "Give the task" }).click()
      await page.getByRole("heading", { level: 1, name: "Tidy the imports" }).waitFor()
      assert.match(keys[0]!, /^[0-9a-f-]{36}$/)
      assert.deepStrictEqual(keys, [keys[0], keys[0]])
      const { tasks } = await scene.call("GET", `/api/tasks?runtime_id=${daemon.runtimeId}`, undefined, scene.workspace)
      assert.strictEqual(tasks.length, 1)
      const claim = await daemon.claim()
      assert.deepInclude(claim, { model: "acme/picked-model", policy: "none", folder: "/home/ana/project" })
      assert.strictEqual(claim.prompt, "Tidy the imports\nof every file")
      await status(page, "starting")
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "C-01 a task that names no model runs with the runtime's default model, which the picker keeps on the server",
    test(async (scene) => {
      const daemon = await taskDaemon(scene, "default-laptop")
      const { context, page } = await scene.open(`/runtimes/${daemon.runtimeId}`)
      const models = page.getByRole("region", { name: "Models" })
      await models.getByRole("combobox", { name: /^Model of Codex/ }).fill("acme/default-model")
      await models.getByRole("option", { name: "Use acme/default-model" }).click()
      await shown(models, /^Default model: acme\/default-model$/)
      const form = page.getByRole("region", { name: "Tasks" })
      await form.getByRole("button", { name: "Model of the task: Default: acme/default-model" }).waitFor()
      await form.getByRole("textbox", { name: "What is to be done" }).fill("Say hello")
      await page.keyboard.press("Control+Enter")
      await page.getByRole("heading", { level: 1, name: "Say hello" }).waitFor()
      assert.strictEqual((await daemon.claim()).model, "acme/default-model")
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "T-38 the form of a v0.3.1 daemon's runtime offers what that daemon does, and says what its agents may",
    test(async (scene) => {
      const { runtimeId } = await taskDaemon(scene, "reference-laptop", "reference")
      const { context, page } = await scene.open(`/runtimes/${runtimeId}`)
      const form = page.getByRole("region", { name: "Tasks" })
      await shown(form, /they have the credentials of the daemon’s owner\.$/)
      assert.strictEqual(await form.getByRole("textbox", { name: /^Folder on/ }).count(), 0)
      assert.strictEqual(await form.getByRole("combobox", { name: "Permissions" }).count(), 0)
      await form.getByRole("textbox", { name: "What is to be done" }).fill("x".repeat(64 * 1024 + 1))
      await shown(form, /^The text has 65,537 bytes, and at most 65,536 are allowed\./)
      assert.isTrue(await form.getByRole("button", { name: "Give the task" }).isDisabled())
      await form.getByRole("textbox", { name: "What is to be done" }).fill("Say hello")
      await examine(page, "give-task-reference", ["light"])
      await form.getByRole("button", { name: "Give the task" }).click()
      await status(page, "queued")
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "a member sees the tasks of another person's private runtime, but neither gives it one nor cancels one",
    test(async (scene) => {
      const daemon = await taskDaemon(scene, "private-laptop")
      const claim = await startTask(scene, daemon, "Work of the owner")
      const owner = await scene.open("/people")
      await owner.page.getByRole("button", { name: "Invite …" }).click()
      const invitation = owner.page.getByRole("dialog")
      await invitation.getByRole("textbox", { name: /E-mail/ }).fill("ada@example.com")
      await invitation.getByRole("button", { name: "Create link" }).click()
      const link = (await invitation.locator("pre").textContent())!
      const context = await owner.context.browser()!.newContext()
      const page = await context.newPage()
      await page.goto(link)
      await page.getByRole("textbox", { name: "Your name" }).fill("Ada")
      await page.getByRole("button", { name: "Join" }).click()
      await page.getByRole("navigation").waitFor()

      await page.goto(`${scene.url}/tasks/${claim.id}`)
      await status(page, "running")
      await shown(page.getByRole("region", { name: "Details" }), "Owner")
      await page.getByRole("button", { name: "Cancel the task" }).waitFor({ state: "detached" })
      await page.goto(`${scene.url}/runtimes/${daemon.runtimeId}`)
      await shown(page, "This runtime is private: only its owner can give it tasks.")
      assert.strictEqual(await page.getByRole("button", { name: "Give the task" }).count(), 0)

      await scene.call("PATCH", `/api/runtimes/${daemon.runtimeId}`, { visibility: "public" }, scene.workspace)
      await page.getByRole("textbox", { name: "What is to be done" }).fill("Work of Ada")
      await page.getByRole("button", { name: "Give the task" }).click()
      await status(page, "queued")
      await page.getByRole("button", { name: "Cancel the task" }).click()
      await status(page, "canceled")
      await owner.page.goto(`${scene.url}/tasks`)
      await shown(owner.page.getByRole("listitem").filter({ hasText: "Work of Ada" }), /^Ada/)
      await owner.page.getByRole("button", { name: "Mine" }).click()
      await owner.page.getByRole("link", { name: "Work of Ada" }).waitFor({ state: "detached" })
      await context.close()
      await owner.context.close()
    }),
    testTimeout
  )
})
