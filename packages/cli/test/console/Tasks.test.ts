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

const promptOf = (page: Page) => page.getByRole("textbox", { name: "What is to be done" })

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
      await promptOf(page).fill("Tidy the imports\nof every file")
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
    "C-01 T-06 a draft remains on its runtime's page until its task is given, also when the page is loaded again",
    test(async (scene) => {
      const daemon = await taskDaemon(scene, "draft-laptop")
      const other = await taskDaemon(scene, "draft-rack")
      const path = `/runtimes/${daemon.runtimeId}`
      const { context, page, wrongs } = await scene.open(path)
      const form = page.getByRole("region", { name: "Tasks" })
      const give = form.getByRole("button", { name: "Give the task" })
      const isShown = async (prompt: string, folder: string, policy: string) => {
        await give.waitFor()
        assert.deepStrictEqual([
          await promptOf(page).inputValue(),
          await form.getByRole("textbox", { name: /^Folder on/ }).inputValue(),
          await form.getByRole("combobox", { name: "Permissions" }).inputValue()
        ], [prompt, folder, policy])
      }
      await form.getByRole("button", { name: /^Model of the task: The CLI/ }).click()
      const picker = page.getByRole("dialog", { name: /^Models of Codex/ })
      await picker.getByRole("combobox").fill("acme/draft-model")
      await picker.getByRole("option", { name: "Use acme/draft-model" }).click()
      await form.getByRole("textbox", { name: /^Folder on/ }).fill("/home/ana/project")
      await form.getByRole("combobox", { name: "Permissions" }).selectOption("Reject every call")
      await promptOf(page).fill("Sort the drafts\nby age")
      await page.getByRole("navigation").getByRole("link", { name: "Fleet" }).click()
      await page.getByRole("link", { name: /draft-rack/ }).click()
      await page.getByRole("heading", { level: 1, name: /draft-rack/ }).waitFor()
      await isShown("", "", "all")
      await promptOf(page).fill("Work of the rack")
      await page.goto(scene.url + path)
      await isShown("Sort the drafts\nby age", "/home/ana/project", "none")

      const editable: Array<boolean> = []
      // The reply is lost, and the page is loaded again: the same call makes no second task.
      await page.route("**/api/tasks", async (route) => {
        if (route.request().method() !== "POST") return route.fallback()
        await route.fetch()
        editable.push(await promptOf(page).isEditable())
        await route.abort()
      }, { times: 1 })
      await give.click()
      await shown(form.getByRole("alert"), "The server cannot be reached.")
      assert.deepStrictEqual([...editable, await promptOf(page).isEditable()], [false, true])
      await page.reload()
      await isShown("Sort the drafts\nby age", "/home/ana/project", "none")
      await form.getByRole("button", { name: "Model of the task: acme/draft-model" }).waitFor()
      await give.click()
      await page.getByRole("heading", { level: 1, name: "Sort the drafts" }).waitFor()
      const { tasks } = await scene.call("GET", `/api/tasks?runtime_id=${daemon.runtimeId}`, undefined, scene.workspace)
      assert.strictEqual(tasks.length, 1)
      await page.goBack()
      await page.getByRole("heading", { level: 1, name: /draft-laptop/ }).waitFor()
      await isShown("", "", "all")
      await page.reload()
      await isShown("", "", "all")
      await page.goto(`${scene.url}/runtimes/${other.runtimeId}`)
      await isShown("Work of the rack", "", "all")
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "C-01 a draft is not shown to the next person of a tab, neither after a sign-out nor after the end of a session",
    test(async (scene) => {
      const { runtimeId } = await taskDaemon(scene, "shared-laptop")
      await scene.call("PATCH", `/api/runtimes/${runtimeId}`, { visibility: "public" }, scene.workspace)
      const path = `/runtimes/${runtimeId}`
      const { context, page } = await scene.open(path)
      const kept = () => page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))
      await promptOf(page).fill("Secret of the owner")
      assert.include(await kept(), "Secret of the owner")
      await page.evaluate(() => {
        localStorage.setItem("muster:models:laptop:codex", "acme/private-model")
        localStorage.setItem("muster:theme", "dark")
      })
      await page.getByRole("button", { name: /owner@localhost/ }).click()
      await page.getByRole("menuitem", { name: "Sign out" }).click()
      await page.getByRole("heading", { name: "Sign in to Muster" }).waitFor()
      const left = await kept()
      for (const secret of ["Secret of the owner", "acme/private-model"]) assert.notInclude(left, secret)
      assert.include(left, "dark")

      const { code } = await scene.call("POST", "/api/session/links", {})
      await page.goto(`${scene.url}${path}#sign-in=${code}`)
      assert.strictEqual(await promptOf(page).inputValue(), "")
      await promptOf(page).fill("Secret of the owner")
      await context.clearCookies()
      const invitation = await scene.call("POST", `/api/workspaces/${scene.workspace}/invitations`, {
        email: "grace@example.com"
      })
      await page.goto(scene.url + invitation.path)
      await page.getByRole("textbox", { name: "Your name" }).fill("Grace")
      await page.getByRole("button", { name: "Join" }).click()
      await page.getByRole("button", { name: /grace@example\.com/ }).waitFor()
      await page.goto(scene.url + path)
      assert.strictEqual(await promptOf(page).inputValue(), "")
      assert.notInclude(await kept(), "Secret of the owner")
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "C-01 a task is given though the browser's storage is full or forbidden",
    test(async (scene) => {
      const { runtimeId } = await taskDaemon(scene, "full-laptop")
      const { context, page, wrongs } = await scene.open(`/runtimes/${runtimeId}`)
      const give = async (prompt: string) => {
        await promptOf(page).fill(prompt)
        await page.getByRole("button", { name: "Give the task" }).click()
        await page.getByRole("heading", { level: 1, name: prompt }).waitFor()
      }
      const isFull = await page.evaluate(() => {
        let refusals = 0
        for (let size = 2 ** 22; size >= 1; size /= 2) {
          try {
            while (true) sessionStorage.setItem(`filler ${sessionStorage.length}`, "x".repeat(size))
          } catch {
            refusals++
          }
        }
        return refusals === 23
      })
      assert.isTrue(isFull)
      await give("Work with a full storage")
      // A browser that blocks the data of a site throws where the page names the storage.
      await page.addInitScript(() => {
        for (const name of ["localStorage", "sessionStorage"]) {
          Object.defineProperty(globalThis, name, {
            get: () => {
              throw new DOMException("Access is denied for this document.", "SecurityError")
            }
          })
        }
      })
      await page.goto(`${scene.url}/runtimes/${runtimeId}`)
      await give("Work without a storage")
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
      await promptOf(page).fill("Say hello")
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
      await promptOf(page).fill("x".repeat(64 * 1024 + 1))
      await shown(form, /^The text has 65,537 bytes, and at most 65,536 are allowed\./)
      assert.isTrue(await form.getByRole("button", { name: "Give the task" }).isDisabled())
      await promptOf(page).fill("Say hello")
      await examine(page, "give-task-reference", ["light"])
      await form.getByRole("button", { name: "Give the task" }).click()
      await status(page, "queued")
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "a runtime whose daemon has no driver for its agent CLI says so in place of the form",
    test(async (scene) => {
      const { runtimes } = await scene.call("POST", "/api/daemon/register", {
        workspace_id: scene.workspace,
        daemon_id: "claw-laptop",
        runtimes: [{ type: "openclaw", runs_tasks: false }]
      })
      const { context, page } = await scene.open(`/runtimes/${runtimes[0].id}`)
      const form = page.getByRole("region", { name: "Tasks" })
      await shown(form, /^The daemon of this runtime cannot give work to Openclaw\./)
      assert.strictEqual(await form.getByRole("button", { name: "Give the task" }).count(), 0)
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
