import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { keepsDefaultModel } from "./support/DefaultModel.ts"
import { models } from "./support/FakeClis.ts"
import { showsHistory } from "./support/History.ts"
import { examine, fitsWindow, openRuntime, rowOf, shown, tabTo } from "./support/Page.ts"
import { artifacts, Scene } from "./support/Scene.ts"
import { asksForUpdate, choosesTheme, opensDocumentation, readsTheApi, standsWithoutServer } from "./support/Steps.ts"

const testTimeout = 60_000

/** A test over the scene, written with the browser's promises. */
const test = (body: (scene: Scene["Service"]) => Promise<void>) => () =>
  Effect.flatMap(Scene, (scene) => Effect.promise(() => body(scene)))

const field = /^Model of/
const failed = /The models could not be discovered:.*Type a model’s id, or try again/

layer(Scene.layer, { excludeTestServices: true, timeout: testTimeout })("the console in a browser", (it) => {
  it.effect(
    "C-02 C-03 C-04 failed, empty and delayed lists each have their text, and consecutive lists keep their age",
    test(async ({ machine, open }) => {
      const { context, page, wrongs } = await open()
      machine.says("failure")
      await openRuntime(page)
      await page.getByRole("button", { name: "List the models" }).click()
      await shown(page, failed)
      await shown(page, /no key for any provider/)
      await page.getByText("Failed", { exact: true }).waitFor()
      await examine(page, "models-failed", ["dark"])
      await page.getByRole("combobox", { name: field }).fill("typed/anyway")
      await page.getByRole("option", { name: "Use typed/anyway" }).waitFor()
      await page.getByRole("combobox", { name: field }).fill("")

      machine.says([])
      await page.getByRole("button", { name: "Try again" }).first().click()
      await shown(page, "No models available.")
      assert.strictEqual(await page.getByText(failed).count(), 0)

      machine.says(models)
      const release = machine.hold()
      await page.reload()
      await page.getByRole("button", { name: "List the models" }).click()
      await page.getByText("Running on the machine").waitFor()
      assert.strictEqual(await page.getByText("No models available.").count(), 0)
      await page.screenshot({ path: `${artifacts}/models-running-light.png` })
      release()
      await shown(page, /^4 models, updated/)
      assert.deepStrictEqual(
        await page.getByRole("list", { name: "Request progress" }).getByRole("listitem").allTextContents(),
        ["Waiting for the daemon", "Running on the machine", "Done"]
      )
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "C-03 C-04 another browser shows the last known list immediately with its age, while the daemon does not receive",
    test(async ({ daemon, open }) => {
      daemon().kill("SIGSTOP")
      const { context, page } = await open()
      await openRuntime(page)
      await shown(page, /^4 models, last known (.* ago|just now)$/)
      await page.getByRole("button", { name: "Refresh models" }).click()
      await page.getByText("Waiting for the daemon").waitFor()
      await shown(page, /^4 models, last known (.* ago|just now); refreshing …/)
      await page.getByRole("option", { name: models[0]!, exact: true }).waitFor()
      await page.screenshot({ path: `${artifacts}/models-waiting-light.png` })
      daemon().kill("SIGCONT")
      await shown(page, /^4 models, updated/)
      await page.getByText("Done", { exact: true }).waitFor()
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "C-04 a request that timed out shows where",
    test(async ({ open }) => {
      const { context, page } = await open()
      const texts = ["daemon did not respond within 30 seconds", "daemon did not finish within 60 seconds"]
      await page.route(/\/api\/runtimes\/[^/]+\/models(\/|$)/, async (route) => {
        const response = await route.fetch()
        const record = await response.json()
        await route.fulfill({ response, json: { ...record, status: "timeout", error: texts[0], models: undefined } })
      })
      await openRuntime(page)
      await page.getByRole("button", { name: "List the models" }).click()
      await page.getByText("Timed out waiting for the daemon", { exact: true }).waitFor()
      await shown(page, /could not be discovered: timed out waiting for the daemon: daemon did not respond within 30/)
      texts.shift()
      await page.getByRole("button", { name: "Try again" }).first().click()
      await page.getByText("Timed out on the machine", { exact: true }).waitFor()
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "one click after the sign-in link shows OpenCode's models; a second one chooses",
    test(async ({ open, url }) => {
      const { context, page, wrongs } = await open()
      assert.notInclude(page.url(), "sign-in")
      await examine(page, "fleet")
      await rowOf(page).getByRole("button", { name: /^Models of/ }).click()
      for (const model of models) await page.getByRole("option", { name: model, exact: true }).waitFor()
      await examine(page, "dropdown", ["dark"])
      await page.getByRole("option", { name: models[2]!, exact: true }).click()
      await shown(rowOf(page), models[2]!)
      assert.strictEqual(new URL(page.url()).origin, url)
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "A-11 a runtime's page shows its last 24 h as a chart and in words, also 360 px wide and in both themes",
    test(({ open }) => showsHistory(open)),
    testTimeout
  )

  it.effect(
    "C-01 groups by maker, marks the default, filters, and takes an id that is not listed",
    test(async ({ open }) => {
      const { context, page } = await open()
      await openRuntime(page)
      const list = page.getByRole("listbox", { name: "Models" })
      for (const maker of ["anthropic", "openai"]) {
        const options = list.getByRole("group", { name: maker }).getByRole("option")
        await options.first().waitFor()
        const own = models.filter((model) => model.startsWith(`${maker}/`))
        assert.deepStrictEqual(await options.allTextContents(), own)
      }
      await page.getByRole("combobox", { name: field }).fill("mini")
      await list.getByRole("option", { name: "Use mini" }).waitFor()
      assert.deepStrictEqual(await list.getByRole("option").allTextContents(), ["openai/gpt-5-mini", "Use mini"])
      await page.getByRole("combobox", { name: field }).fill("acme/own-model")
      await list.getByRole("option", { name: "Use acme/own-model" }).click()
      await keepsDefaultModel(page, open)

      await page.getByRole("link", { name: "Fleet", exact: true }).first().click()
      await openRuntime(page, /^cursor/i)
      await page.getByRole("button", { name: "List the models" }).click()
      const marked = page.getByRole("option", { name: /Auto/ })
      assert.include(await marked.textContent(), "default")
      assert.notInclude(await page.getByRole("option", { name: /Claude Sonnet/ }).textContent() ?? "", "default")
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "C-05 with the keyboard only, in a window 360 px wide",
    test(async ({ open }) => {
      const { context, page } = await open("/", { viewport: { width: 360, height: 740 } })
      const { keyboard } = page
      await shown(page, /^2 online/)
      await tabTo(page, /^Models of Opencode/)
      await keyboard.press("Enter")
      await page.getByRole("option", { name: models[0]!, exact: true }).waitFor()
      assert.isTrue(await fitsWindow(page))
      await page.screenshot({ path: `${artifacts}/narrow-dropdown-light.png` })
      await keyboard.type("sonnet")
      await page.getByRole("option", { name: models[0]!, exact: true }).waitFor({ state: "detached" })
      await keyboard.press("Enter")
      await shown(rowOf(page), models[1]!)
      await tabTo(page, new RegExp(`^${models[1]}: models of`))

      await tabTo(page, /^More for Opencode/)
      await keyboard.press("Enter")
      await page.getByRole("menuitem", { name: "Rename …" }).waitFor()
      await keyboard.press("ArrowDown")
      await keyboard.press("Enter")
      const name = page.getByRole("dialog").getByRole("textbox", { name: "Name" })
      await name.waitFor()
      await page.waitForFunction(() => document.activeElement?.tagName === "INPUT")
      await keyboard.press("Escape")
      await name.waitFor({ state: "detached" })

      for (
        const [place, heading] of [["Skills", "Skills"], ["Requests", "Requests"], ["Settings", "Settings"]] as const
      ) {
        await tabTo(page, new RegExp(`^${place}$`))
        await keyboard.press("Enter")
        await page.getByRole("heading", { name: heading, level: 1 }).waitFor()
        assert.isTrue(await fitsWindow(page), place)
        await page.screenshot({ path: `${artifacts}/narrow-${place.toLowerCase()}-light.png` })
      }
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "a deleted runtime disappears and is registered again; a second browser shows that too, and a new name",
    test(async ({ open }) => {
      const mine = await open()
      const theirs = await open()
      await shown(theirs.page, "Live")
      const before = await rowOf(mine.page).getByRole("link").getAttribute("href")
      await rowOf(mine.page).getByRole("button", { name: /^More for/ }).click()
      await mine.page.getByRole("menuitem", { name: "Delete …" }).click()
      await mine.page.getByRole("dialog").waitFor()
      await examine(mine.page, "delete", ["light"])
      await mine.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click()
      await shown(mine.page, /was deleted\. Its daemon registered a new runtime/)
      const after = await rowOf(mine.page).getByRole("link").getAttribute("href")
      assert.notStrictEqual(after, before)
      await theirs.page.locator(`a[href="${after}"]`).waitFor()
      await mine.page.screenshot({ path: `${artifacts}/back-light.png` })

      await rowOf(mine.page).getByRole("button", { name: /^More for/ }).click()
      await mine.page.getByRole("menuitem", { name: "Rename …" }).click()
      await mine.page.getByRole("textbox", { name: "Name" }).fill("Opencode of Ana")
      await mine.page.getByRole("button", { name: "Rename" }).click()
      await shown(theirs.page, "Opencode of Ana")
      assert.deepStrictEqual([mine.wrongs, theirs.wrongs], [[], []])
      await mine.context.close()
      await theirs.context.close()
    }),
    testTimeout
  )

  it.effect(
    "without events the page polls and shows that; a session revoked elsewhere ends on the page",
    test(async ({ call, open, token, url, workspace }) => {
      const { context, page } = await open("/settings")
      await context.route("**/api/events*", (route) => route.abort())
      await page.goto(new URL("/", page.url()).href)
      await shown(page, /^Reconnecting/)
      await standsWithoutServer(context, page)
      // A machine without a network can reach its own server.
      await page.evaluate(() => dispatchEvent(new Event("offline")))
      const runtimes: ReadonlyArray<{ readonly id: string; readonly provider: string }> = await call(
        "GET",
        "/api/runtimes",
        undefined,
        workspace
      )
      const { id } = runtimes.find(({ provider }) => provider === "cursor")!
      await call("PATCH", `/api/runtimes/${id}`, { name: "Renamed elsewhere" }, workspace)
      await shown(page, "Renamed elsewhere")
      const [session] = await call("GET", "/api/tokens")
      assert.strictEqual(session.name, "console session")
      await fetch(`${url}/api/tokens/${session.id}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${token}` }
      })
      await page.getByRole("link", { name: "Skills" }).click()
      await page.getByRole("heading", { name: "Sign in to Muster" }).waitFor()
      const [home] = await call("GET", "/api/workspaces")
      await context.route(
        "**/api/workspaces",
        (route) => route.fulfill({ json: [{ ...home, name: "Of somebody else" }] })
      )
      await page.getByLabel("Token").fill(token)
      await page.getByRole("button", { name: "Sign in" }).click()
      await shown(page, "Of somebody else")
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "skills: many imports, each with its own result; an existing name asks; the library shows them",
    test(async ({ open }) => {
      const { context, page, wrongs } = await open()
      await openRuntime(page)
      const skills = page.getByRole("region", { name: "Skills on this machine" })
      await skills.getByRole("button", { name: "List the skills" }).click()
      await skills.getByLabel("review-code").check()
      await skills.getByRole("button", { name: "Import 1" }).click()
      await shown(skills, "Imported as review-code.")
      await skills.getByLabel("All").check()
      await skills.getByRole("button", { name: "Import 3" }).click()
      await shown(skills, "Imported as release-notes.")
      await shown(skills, "Imported as write-tests.")
      await shown(skills, "The library already has a skill named review-code.")
      await examine(page, "import", ["light"])
      await skills.getByRole("textbox", { name: "New name" }).fill("review-code-of-ana")
      await skills.getByRole("button", { name: "Import with this name" }).click()
      await shown(skills, "Imported as review-code-of-ana.")

      await page.getByRole("link", { name: "Skills" }).click()
      await page.getByRole("link", { name: "write-tests" }).waitFor()
      assert.strictEqual(await page.getByRole("listitem").count(), 4)
      await examine(page, "skills")
      await page.getByRole("link", { name: "write-tests" }).click()
      await shown(page.getByRole("dialog"), "How this team does write tests, step by step.")
      await examine(page, "skill", ["light"])
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "requests are explained, tokens shown once, and signing out ends the session",
    test(async ({ call, open, url }) => {
      const { context, page, wrongs } = await open()
      await rowOf(page).getByRole("button", { name: /^More for/ }).click()
      await page.getByRole("menuitem", { name: "Check now" }).click()
      await rowOf(page).getByRole("img", { name: /Executes: (yes|starts)/ }).waitFor()
      await asksForUpdate(page, () => examine(page, "update"))
      await choosesTheme(page)
      await page.getByRole("link", { name: "Settings" }).click()
      await page.getByRole("button", { name: "New token …" }).click()
      await page.getByRole("textbox", { name: "Name" }).fill("build machine")
      await page.getByRole("button", { name: "Create" }).click()
      const secret = await page.getByRole("dialog").locator("pre").textContent() ?? ""
      assert.match(secret, /^mul_[0-9a-f]{40}$/)
      await page.getByRole("button", { name: "Done" }).click()
      await examine(page, "settings")
      assert.notInclude(await page.content(), secret)
      const as = (token: string) => fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } })
      assert.strictEqual((await as(secret)).status, 200)
      await page.getByRole("button", { name: /^Revoke build machine/ }).click()
      await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click()
      await page.getByText("build machine", { exact: true }).waitFor({ state: "detached" })
      assert.strictEqual((await as(secret)).status, 401)

      await page.getByRole("link", { name: "Requests" }).click()
      await page.getByRole("link", { name: "Check" }).first().waitFor()
      await examine(page, "requests")
      await page.getByRole("link", { name: "Check" }).first().click()
      await shown(page.getByRole("dialog"), /^Claimed and delivered over WebSocket/)
      await examine(page, "request", ["dark"])
      await page.getByRole("button", { name: "Close" }).click()

      const cookies = await context.cookies()
      const session = cookies.find(({ name }) => name === "muster_session")!
      assert.deepInclude(session, { httpOnly: true, sameSite: "Strict" })
      await opensDocumentation(page)
      await page.getByRole("button", { name: /owner@localhost/ }).click()
      await page.getByRole("menuitem", { name: "Sign out" }).click()
      await page.getByRole("heading", { name: "Sign in to Muster" }).waitFor()
      assert.strictEqual((await as(session.value)).status, 401)
      await examine(page, "sign-in")
      await page.getByLabel("Token").fill("mul_wrong")
      await page.getByRole("button", { name: "Sign in" }).click()
      await shown(page.getByRole("alert"), /Invalid token/)
      const { token } = await call("POST", "/api/tokens", { name: "typed" })
      await page.getByLabel("Token").fill(token)
      await page.getByRole("button", { name: "Sign in" }).click()
      await page.getByRole("heading", { name: "Fleet" }).waitFor()
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "C-02 a stopped machine is offline immediately, with its times and its last list",
    () =>
      Effect.gen(function*() {
        const { open, stopDaemon } = yield* Scene
        const { context, page } = yield* Effect.promise(() => open())
        yield* Effect.promise(async () => {
          await shown(rowOf(page), /^seen/)
          // A list that somebody asked for is kept.
          await rowOf(page).getByRole("button", { name: /odels of/ }).click()
          await page.getByRole("option", { name: models[0]!, exact: true }).waitFor()
          await shown(page, /^4 models, updated/)
          await page.keyboard.press("Escape")
        })
        yield* stopDaemon
        yield* Effect.promise(async () => {
          await shown(rowOf(page), /last seen .*, removed in 7 days/)
          await examine(page, "offline", ["light"])
          await openRuntime(page)
          await shown(page, /is offline.* This is its last known list\. You can also type an id/)
          await page.getByRole("option", { name: models[0]!, exact: true }).waitFor()
          await examine(page, "models-offline")
          await context.close()
        })
      }),
    testTimeout
  )

  it.effect(
    "F-31 the API page works under its policy and calls no other host",
    test(async ({ open, url }) => {
      const { context, page, wrongs } = await open()
      assert.deepStrictEqual(await readsTheApi(page, url), [])
      await page.screenshot({ path: `${artifacts}/docs-light.png` })
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )
})
