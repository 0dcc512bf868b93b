import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import type { Page } from "playwright-core"
import { examine, fitsWindow, shown, themes } from "./support/Page.ts"
import { Scene } from "./support/Scene.ts"

const testTimeout = 90_000

const test = (body: (scene: Scene["Service"]) => Promise<void>) => () =>
  Effect.flatMap(Scene, (scene) => Effect.promise(() => body(scene)))

const widths = [1440, 768, 360] as const

/** Examines the page in both themes at each width; `text` is not squeezed into a narrow column. */
const examineWidths = async (page: Page, name: string, text = "#page") => {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    const box = await page.locator(text).first().boundingBox()
    assert.isAbove(box!.width, 180, `${name} ${width}`)
    assert.deepStrictEqual([name, width, await fitsWindow(page)], [name, width, true])
    await examine(page, `${name}-${width}`, themes)
  }
  await page.setViewportSize({ width: 1280, height: 860 })
}

/** A call of a machine's daemon, with what it presents. */
const daemonCall = async (url: string, path: string, body: object, credential?: string) => {
  const response = await fetch(url + path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` })
    },
    body: JSON.stringify(body)
  })
  return { status: response.status, body: await response.json() as any }
}

/** Joins with the token of a command, and registers one runtime. */
const join = async (url: string, command: string) => {
  const token = command.trim().split(" ").at(-1)!
  const daemonId = "daemon-of-the-build-machine"
  const joined = await daemonCall(url, "/api/join", {
    token,
    daemon_id: daemonId,
    name: "builder",
    device_info: "Linux"
  })
  assert.strictEqual(joined.status, 200, JSON.stringify(joined.body))
  const workspaceId = joined.body.workspaces[0].id
  const registered = await daemonCall(
    url,
    "/api/daemon/register",
    {
      workspace_id: workspaceId,
      daemon_id: daemonId,
      runtimes: [{ name: "Opencode", type: "opencode", version: "1.0" }]
    },
    joined.body.credential
  )
  assert.strictEqual(registered.status, 200, JSON.stringify(registered.body))
}

layer(Scene.layerAlone, { excludeTestServices: true, timeout: testTimeout })(
  "people and machines in a browser",
  (it) => {
    it.effect(
      "A-01 A-02 an owner invites by link, a colleague joins in another browser, and the owner changes roles and removes",
      test(async ({ open, url }) => {
        const owner = await open("/people")
        const { page } = owner
        await page.getByRole("button", { name: "Invite …" }).click()
        const dialog = page.getByRole("dialog")
        await dialog.getByRole("textbox", { name: /E-mail/ }).fill("ada@example.com")
        await examine(page, "invite")
        await dialog.getByRole("button", { name: "Create link" }).click()
        const link = (await dialog.locator("pre").textContent())!
        assert.isTrue(link.startsWith(`${url}/#invite=`), link)
        await dialog.getByRole("button", { name: "Done" }).click()
        await shown(page, "ada@example.com")

        const guest = await owner.context.browser()!.newContext()
        const other = await guest.newPage()
        await other.goto(link)
        await shown(other, /^Join /)
        assert.notInclude(other.url(), "invite")
        assert.strictEqual(await other.getByRole("textbox", { name: "Your e-mail" }).inputValue(), "ada@example.com")
        await examine(other, "join", themes)
        await other.getByRole("button", { name: "I have an account" }).click()
        await shown(other, "Sign in to Muster")
        await other.reload()
        await shown(other, /^Join /)
        await other.getByRole("textbox", { name: "Your name" }).fill("Ada")
        await other.getByRole("button", { name: "Join" }).click()
        await other.getByRole("navigation").waitFor()
        await other.goto(`${url}/people`)
        await shown(other, "you")
        assert.strictEqual(await other.getByRole("button", { name: "Invite …" }).count(), 0)

        const used = await guest.newPage()
        await used.goto(link)
        await used.getByRole("alert").waitFor()
        await examine(used, "join-refused", ["light"])

        await page.reload()
        const role = page.getByRole("combobox", { name: "Role of Ada" })
        await role.selectOption("admin")
        await shown(page, "Ada is now admin.")
        await examineWidths(page, "people")
        await page.getByRole("button", { name: "Remove Ada" }).click()
        await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click()
        await page.getByText("ada@example.com").waitFor({ state: "detached" })
        await other.reload()
        await shown(other, "You are not a member of a workspace")
        await examine(other, "no-workspace", ["light"])
        assert.deepStrictEqual(owner.wrongs, [])
        await guest.close()
        await owner.context.close()
      }),
      testTimeout
    )

    it.effect(
      "A-03 A-11 the dialog shows one command, the machine arrives with its agents, and its page drains, edits and removes it",
      test(async ({ open, url }) => {
        const { context, page, wrongs } = await open("/machines")
        await shown(page, "No machine has joined yet")
        await page.getByRole("button", { name: "Add a machine …" }).click()
        const dialog = page.getByRole("dialog")
        await dialog.getByRole("textbox", { name: /Labels/ }).fill("gpu, os=linux")
        await dialog.getByRole("button", { name: "Show the command" }).click()
        await shown(dialog, /Waiting for the machine/)
        await examine(page, "machine-add")
        const command = (await dialog.locator("pre").textContent())!
        assert.match(command, /^npx muster join http:\S+ mjt_[0-9a-f]{40}$/)
        await join(url, command)
        await shown(dialog, /has joined with one agent: OpenCode/)
        await examine(page, "machine-arrived")
        await dialog.getByRole("button", { name: "Done" }).click()

        await page.getByRole("link", { name: "builder" }).waitFor()
        await page.getByRole("button", { name: "New join key …" }).click()
        await dialog.getByRole("textbox", { name: "Name" }).fill("nightly builds")
        await dialog.getByRole("button", { name: "Create" }).click()
        await shown(dialog, /mjk_/)
        await dialog.getByRole("button", { name: "Done" }).click()
        await shown(page, "nightly builds")
        await examineWidths(page, "machines", ".machine-row .row-name")

        await page.getByRole("link", { name: "builder" }).click()
        await page.getByRole("heading", { name: "builder" }).waitFor()
        await page.getByRole("button", { name: "Drain …" }).click()
        await dialog.getByRole("textbox", { name: /Note/ }).fill("new disk")
        await dialog.getByRole("button", { name: "Drain" }).click()
        await shown(page, /^Draining since .*: new disk/)
        await examineWidths(page, "machine")
        await page.getByRole("button", { name: "Resume" }).click()
        await page.getByText(/^Draining since/).waitFor({ state: "detached" })
        await page.getByRole("button", { name: "Edit …" }).click()
        await dialog.getByRole("textbox", { name: "Name" }).fill("builder 2")
        await dialog.getByRole("button", { name: "Save" }).click()
        await page.getByRole("heading", { name: "builder 2" }).waitFor()
        await page.getByRole("button", { name: "Remove …" }).click()
        await dialog.getByRole("button", { name: "Remove" }).click()
        await shown(page, "No machine has joined yet")
        assert.deepStrictEqual(wrongs, [])
        await context.close()
      }),
      testTimeout
    )

    it.effect(
      "A-05 A-07 A-10 tokens with scopes, the profile, a workspace and the audit log have their forms",
      test(async ({ open, workspace }) => {
        const { context, page, wrongs } = await open("/settings")
        await page.getByRole("button", { name: "New token …" }).click()
        const dialog = page.getByRole("dialog")
        await dialog.getByRole("textbox", { name: "Name" }).fill("reader")
        for (const scope of ["ask", "run", "admin"]) {
          await dialog.getByRole("checkbox", { name: new RegExp(`^${scope}:`) }).uncheck()
        }
        await examine(page, "token-new")
        await dialog.getByRole("button", { name: "Create" }).click()
        await dialog.getByRole("button", { name: "Done" }).click()
        await page.getByRole("button", { name: /^Renew reader/ }).click()
        await shown(page, "reader was renewed.")

        await page.getByRole("region", { name: "Profile" }).getByRole("button", { name: "Edit …" }).click()
        await dialog.getByRole("textbox", { name: "Name" }).fill("Grace")
        await dialog.getByRole("button", { name: "Save" }).click()
        await shown(page, "Your profile was saved.")
        const repositories = page.getByRole("region", { name: "Repositories" })
        await shown(repositories, "No repository is allowed yet. Add the first one.")
        /** The version is the SHA-256 of the sorted addresses; see `docs/protocol.md` 5.2. */
        const list = (count: number, urls: string) =>
          shown(
            repositories,
            `${count} of at most 500. Version of the list: ${
              createHash("sha256").update(urls).digest("hex").slice(0, 8)
            }`
          )
        await list(0, "")
        await examine(page, "repositories-none")
        await repositories.getByRole("button", { name: "Add a repository …" }).click()
        const field = dialog.getByRole("textbox", { name: /^URL/ })
        await field.fill("https://ada:secret@git.example.org/team/one")
        await dialog.getByRole("button", { name: "Add" }).click()
        await shown(
          dialog,
          "a repository URL contains no user, password or token: machines use their own git credentials."
        )
        await examine(page, "repository-refused")
        await field.fill("https://git.example.org/team/one")
        await dialog.getByRole("button", { name: "Add" }).click()
        await shown(repositories, "https://git.example.org/team/one")
        await shown(repositories, /^added by \S+ /)
        await list(1, "https://git.example.org/team/one")
        const coAuthors = page.getByRole("checkbox", { name: "Commits of agents name them as co-authors" })
        assert.isTrue(await coAuthors.isChecked())
        await coAuthors.click()
        await shown(page, "The setting was saved.")
        await page.reload()
        await coAuthors.and(page.locator(":not(:checked)")).waitFor()
        await examineWidths(page, "settings")
        await repositories.getByRole("button", { name: "Remove https://git.example.org/team/one" }).click()
        await dialog.getByRole("button", { name: "Remove" }).click()
        await shown(repositories, "No repository is allowed yet. Add the first one.")

        await page.getByRole("button", { name: "New workspace …" }).click()
        await dialog.getByRole("textbox", { name: "Name", exact: true }).fill("Second Team")
        assert.strictEqual(await dialog.getByRole("textbox", { name: /Slug/ }).inputValue(), "second-team")
        await dialog.getByRole("button", { name: "Create" }).click()
        await page.getByRole("combobox", { name: "Workspace" }).waitFor()
        await page.goto(new URL("/settings", page.url()).href)
        await page.getByRole("button", { name: "Delete …" }).click()
        await shown(dialog, "1 member")
        const confirm = dialog.getByRole("button", { name: "Delete everything" })
        assert.isTrue(await confirm.isDisabled())
        await dialog.getByRole("textbox", { name: /to confirm/ }).fill("second-team")
        await examine(page, "workspace-delete")
        await confirm.click()
        await page.getByRole("combobox", { name: "Workspace" }).waitFor({ state: "detached" })

        await page.goto(new URL("/settings", page.url()).href)
        await page.getByRole("link", { name: "Audit log" }).click()
        await page.getByRole("combobox", { name: "Subject" }).selectOption("token")
        await shown(page, "token.renew")
        await examineWidths(page, "audit", ".audit-what")
        const link = await page.getByRole("link", { name: "Export as JSON lines" }).getAttribute("href")
        const lines = await page.evaluate(async (href) => (await fetch(href!)).text(), link)
        const events = lines.trim().split("\n").map((line) => JSON.parse(line))
        assert.isTrue(events.every((event) => event.action.startsWith("token.") && event.workspace_id === workspace))
        assert.deepStrictEqual(wrongs, [])
        await context.close()
      }),
      testTimeout
    )
  }
)
