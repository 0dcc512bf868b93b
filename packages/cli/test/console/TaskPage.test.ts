import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { cutProxy } from "./support/CutProxy.ts"
import { examine, fitsWindow, shown, tabTo } from "./support/Page.ts"
import { Scene } from "./support/Scene.ts"
import { giveTask, sampleEnd, sampleLog, startTask, taskDaemon, usage } from "./support/TaskDaemon.ts"

const testTimeout = 180_000

/** A test over the scene, written with the browser's promises. */
const test = (body: (scene: Scene["Service"]) => Promise<void>) => () =>
  Effect.flatMap(Scene, (scene) => Effect.promise(() => body(scene)))

const log = (page: Page) => page.getByRole("region", { name: "Entries of the log" })

const status = (page: Page, name: string) =>
  page.locator(".task-line .tag", { hasText: new RegExp(`^${name}$`) }).waitFor()

/** The lines of the agent's text that the page shows. */
const linesOf = async (page: Page): Promise<ReadonlyArray<string>> =>
  (await log(page).locator(".log-text").allTextContents()).join("").split("\n").filter((line) => line !== "")

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`)

const texts = (lines: ReadonlyArray<string>) => lines.map((line) => ({ kind: "text", text: `${line}\n` }))

const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true })
    document.dispatchEvent(new Event("visibilitychange"))
  }, hidden)

layer(Scene.layerAlone, { excludeTestServices: true, timeout: testTimeout })("the page of a task", (it) => {
  it.effect(
    "C-05 T-40 a task's page shows its state in a sentence, its log as it comes, and its result, in any window and theme",
    test(async (scene) => {
      const daemon = await taskDaemon(scene, "page-laptop")
      const prompt =
        "Fix the failing test of the parser, and explain what was wrong.\n\nRules:\n- change no test\n- keep the API"
      const id = await giveTask(scene, daemon.runtimeId, prompt, { folder: "/home/ana/project" })
      const { context, page, wrongs } = await scene.open(`/tasks/${id}`)
      await status(page, "queued")
      await shown(page, /It has been queued for .*: Codex \(page-laptop\) is online, and its daemon claims it/)
      await shown(page, /In 24 h, it fails if no daemon has claimed it\./)
      const claim = await daemon.claim()
      await daemon.begin(claim)
      await status(page, "running")
      await daemon.append(claim, sampleLog, Date.now() - 60_000, 2_000)
      await shown(log(page), "1. `parseList` begins with `[]`")
      await shown(log(page), "Plan: 0 of 3 done: Run the tests")
      await shown(log(page), "Rejected by the policy")
      const call = log(page).getByRole("listitem").filter({ hasText: "npm test -- parser" })
      await shown(call, "failed:")
      assert.strictEqual(await call.getByText("1 failed, 41 passed").count(), 0)
      await call.locator("summary").click()
      await shown(call, "expected [] to equal null")
      await shown(call, "48.2k bytes of output are not kept")
      assert.notInclude(await call.textContent() ?? "", "[31m")
      await shown(call, "/home/ana/project")
      await examine(page, "task-running")

      await daemon.append(claim, sampleEnd.slice(0, 2))
      await shown(page, /^running · .* · 19\.3k tokens · npm test \(/)
      await daemon.append(claim, sampleEnd.slice(2))
      await daemon.complete(claim, "The parser returned `null` for an empty list.", [usage(18_400, 912)])
      await status(page, "completed")
      await shown(page.getByRole("region", { name: "Result" }), "The parser returned `null` for an empty list.")
      await shown(page, /^It was completed .* ago/)
      await shown(page.getByRole("region", { name: "Tokens" }), "18,400 in, 912 out")
      await examine(page, "task-completed")
      await page.setViewportSize({ width: 360, height: 740 })
      await examine(page, "task-narrow")
      assert.isTrue(await fitsWindow(page))
      await tabTo(page, /npm test -- parser/)
      await page.keyboard.press("Enter")
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "T-29 a page that loses its connection in the middle of an event shows every entry once, in order",
    () =>
      Effect.gen(function*() {
        const scene = yield* Scene
        const proxy = yield* cutProxy(scene.url)
        yield* Effect.promise(async () => {
          const daemon = await taskDaemon(scene, "cut-laptop")
          const claim = await startTask(scene, daemon, "Count")
          const { context, page } = await scene.open("/tasks")
          const from: Array<number> = []
          page.on("request", (request) => {
            if (/\/stream/.test(request.url())) from.push(Number(request.headers()["last-event-id"]))
          })
          await daemon.append(claim, texts(numbered(1, 40)))
          await page.goto(`${proxy.url}/tasks/${claim.id}`)
          await shown(log(page), /line 40\n/)
          for (const round of Array(5).keys()) {
            proxy.cutNext()
            await daemon.append(claim, texts(numbered(41 + round * 20, 60 + round * 20)))
            await shown(log(page), new RegExp(`line ${60 + round * 20}\n`))
            assert.isTrue(proxy.hasCut())
          }
          proxy.goAway()
          await shown(page, /^Connection lost\. The page connects again and continues where it was\./)
          await examine(page, "task-cut", ["light"])
          await daemon.append(claim, texts(numbered(141, 160)))
          proxy.comeBack()
          await shown(log(page), /line 160\n/)
          // A hidden page has no stream, and goes on when it is seen again.
          const closed = page.waitForEvent("requestfailed", (request) => /\/stream/.test(request.url()))
          await setHidden(page, true)
          await closed
          await daemon.append(claim, texts(numbered(161, 180)))
          await setHidden(page, false)
          await shown(log(page), /line 180\n/)
          assert.deepStrictEqual(await linesOf(page), numbered(1, 180))
          assert.strictEqual(await page.getByText(/no longer kept/).count(), 0)
          // The first connection begins at the start, and each other one where the page was.
          assert.strictEqual(from[0], 0)
          assert.isAtLeast(from.length, 7)
          assert.isTrue(from.slice(1).every((offset, i) => offset >= Math.max(40, from[i]!)), String(from))
          await context.close()
        })
      }).pipe(Effect.scoped),
    testTimeout
  )

  it.effect(
    "T-29 a page whose connection died without a notice, as after a sleep, reads on by another one within 40 s",
    () =>
      Effect.gen(function*() {
        const scene = yield* Scene
        const proxy = yield* cutProxy(scene.url)
        yield* Effect.promise(async () => {
          const daemon = await taskDaemon(scene, "dead-laptop")
          const claim = await startTask(scene, daemon, "Count")
          const { context, page } = await scene.open("/tasks")
          await page.clock.install()
          await daemon.append(claim, texts(numbered(1, 20)))
          await page.goto(`${proxy.url}/tasks/${claim.id}`)
          await shown(log(page), /line 20\n/)
          proxy.letDie()
          await daemon.append(claim, texts(numbered(21, 40)))
          const again = page.waitForRequest((request) =>
            /\/stream/.test(request.url()) && request.headers()["last-event-id"] === "20"
          )
          await page.clock.fastForward(41_000)
          await again
          await shown(log(page), /line 40\n/)
          assert.deepStrictEqual(await linesOf(page), numbered(1, 40))
          await context.close()
        })
      }).pipe(Effect.scoped),
    testTimeout
  )

  it.effect(
    "T-18 a cancel on the page is canceling until the daemon confirms it, keeps the partial text, and can be tried again",
    test(async (scene) => {
      const daemon = await taskDaemon(scene, "cancel-laptop")
      const claim = await startTask(scene, daemon, "Update all dependencies")
      const { context, page, wrongs } = await scene.open(`/tasks/${claim.id}`)
      await daemon.append(claim, [{ kind: "tool", id: "c1", status: "running", title: "npm update", tool: "execute" }])
      await shown(page, /^running · .*npm update \(/)
      await page.getByRole("button", { name: "Cancel the task" }).click()
      const dialog = page.getByRole("dialog", { name: "Cancel this task?" })
      await dialog.getByRole("button", { name: "Let it run" }).click()
      await dialog.waitFor({ state: "detached" })
      assert.deepStrictEqual(await daemon.beat(claim), [])
      await page.getByRole("button", { name: "Cancel the task" }).click()
      await examine(page, "task-cancel", ["light"])
      await dialog.getByRole("button", { name: "Cancel the task" }).click()
      await status(page, "canceling")
      await shown(page, /^It was canceled by Owner .* ago, and its daemon has not received the order yet\./)
      await page.getByRole("button", { name: "Canceling …" }).waitFor()
      assert.deepStrictEqual(await daemon.beat(claim), ["cancel"])
      await shown(page, /its daemon received the order .* ago and ends its processes/)
      await examine(page, "task-canceling")
      await daemon.settle(claim, {
        type: "cancelled",
        result: { text: "Three of nine are updated.", stop_reason: "cancelled", rejections: 0 }
      })
      await status(page, "canceled")
      await shown(page, /its daemon confirmed that nothing of it runs\.$/)
      await shown(page.getByRole("region", { name: "Result" }), "Three of nine are updated.")
      await shown(log(page), "no end reported")
      await page.getByRole("button", { name: "Try again" }).click()
      await page.waitForURL((url) => !url.pathname.endsWith(claim.id))
      await status(page, "queued")
      await page.getByRole("link", { name: claim.id.slice(0, 8) }).waitFor()
      await page.getByRole("button", { name: "Cancel the task" }).click()
      await status(page, "canceled")
      await shown(page, /no daemon had claimed it\.$/)
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "T-31 a log of 10,000 entries stays bounded on the page, which reads on; every earlier entry can be read",
    test(async (scene) => {
      const daemon = await taskDaemon(scene, "long-laptop")
      const claim = await startTask(scene, daemon, "Look at every module")
      const { context, page, wrongs } = await scene.open(`/tasks/${claim.id}`)
      await shown(log(page), "There are no entries yet.")
      const blocks = log(page).locator(".log-block")
      /** Each entry is a block of its own here. */
      const notOnPage = async () => {
        const first = (10_000 - await blocks.count()).toLocaleString("en-US")
        await shown(log(page), `The first ${first} entries are not on this page.`)
      }
      const nodes = () => page.evaluate(() => document.querySelectorAll("*").length)
      for (const part of Array(4).keys()) {
        await daemon.append(
          claim,
          Array.from({ length: 1_250 }, (_, i) => [
            {
              kind: "tool",
              id: `c${part}-${i}`,
              status: "completed",
              title: `cat module-${part}-${i}.ts`,
              tool: "read"
            },
            { kind: "text", text: `Step ${part}-${i}.\n` }
          ]).flat()
        )
        // While entries arrive, the page answers to clicks, and stays at the end.
        await shown(log(page), `Step ${part}-1249.`)
        await blocks.last().scrollIntoViewIfNeeded()
        const call = log(page).getByRole("listitem").filter({ hasText: `cat module-${part}-1249.ts` })
        await call.locator("summary").click()
        await shown(call, "No output was reported.")
        assert.isAtMost(await blocks.count(), 1_000)
        assert.isBelow(await nodes(), 10_000)
      }
      await examine(page, "task-long", ["light"])
      await log(page).evaluate((box) => box.scrollTo(0, 0))
      await page.getByRole("button", { name: "To the end" }).click()
      await page.getByRole("button", { name: "To the end" }).waitFor({ state: "detached" })

      await notOnPage()
      await page.getByRole("button", { name: "Show earlier entries" }).click()
      await shown(page, /^Entries 8,\d{3} to 9,\d{3} of 10,000$/)
      await examine(page, "task-pages", ["light"])
      await page.getByRole("button", { name: "First" }).click()
      await shown(page, "Entries 1 to 250 of 10,000")
      await shown(log(page), "Step 0-0.")
      await page.getByRole("button", { name: "Later" }).click()
      await shown(page, "Entries 251 to 500 of 10,000")
      await page.reload()
      await shown(page, "Entries 251 to 500 of 10,000")
      await page.getByRole("button", { name: "End of the log" }).click()
      await shown(log(page), "Step 3-1249.")
      // A page that opens late begins near the end.
      await page.reload()
      await shown(log(page), "Step 3-1249.")
      await notOnPage()
      assert.deepStrictEqual(wrongs, [])
      await context.close()
    }),
    testTimeout
  )

  it.effect(
    "what agents and tools write is text: no HTML, no Markdown, no link, no terminal sequence, no change of direction",
    test(async (scene) => {
      const daemon = await taskDaemon(scene, "text-laptop")
      const html =
        `<img src=x onerror="globalThis.isHacked=1"><script>globalThis.isHacked=1</script><style>*{display:none}</style>`
      const markdown = "**bold** [link](javascript:globalThis.isHacked=1) ![image](https://example.org/x.png)"
      const claim = await startTask(scene, daemon, `${html} prompt\n${markdown}`, { model: "a<b>c</b>" })
      const { context, page, wrongs } = await scene.open(`/tasks/${claim.id}`)
      const foreign: Array<string> = []
      page.on("request", (request) => {
        if (!request.url().startsWith(scene.url)) foreign.push(request.url())
      })
      await daemon.append(claim, [
        {
          kind: "attempt",
          number: 1,
          provider: html.slice(0, 90),
          version: html,
          model: html,
          folder: html,
          policy: "all",
          resumed: true
        },
        { kind: "text", text: `${html} text ${markdown}\n` },
        { kind: "thought", text: `${html} thought` },
        {
          kind: "tool",
          id: "c",
          status: "running",
          title: `${html} title`,
          tool: "other",
          input: { [html]: `${html} input` }
        },
        {
          kind: "output",
          id: "c",
          offset: 0,
          text: `${html} output \u001b]8;;https://example.org\u0007here\u001b]8;;\u0007 \u001b[2J\u202Egnp.exe\n`
        },
        { kind: "tool", id: "c", status: "completed" },
        { kind: "plan", entries: [{ text: `${html} step`, status: "in_progress" }] },
        { kind: "permission", id: "p", title: `${html} permission`, answer: "rejected" },
        { kind: "notice", text: `${html} notice` },
        { kind: "error", text: `${html} error` }
      ])
      await shown(log(page), `${html} error`)
      await log(page).locator("summary").first().click()
      for (const what of ["text", "thought", "title", "input", "output", "step", "permission", "notice", "error"]) {
        await log(page).getByText(`${html} ${what}`).first().waitFor()
      }
      await shown(log(page), /output here \uFFFDgnp\.exe/)
      await daemon.settle(claim, {
        type: "failed",
        reason: "agent_error",
        error: `${html} reason`,
        result: { text: `${html} result ${markdown}`, stop_reason: null, rejections: 0 }
      })
      await shown(page, `${html} reason`)
      await shown(page.getByRole("region", { name: "Result" }), `${html} result ${markdown}`)
      await page.goto(`${scene.url}/tasks`)
      await page.getByRole("link", { name: `${html} prompt`, exact: true }).waitFor()
      assert.strictEqual(await page.locator("main img, main script, main style, main a[href^=javascript]").count(), 0)
      assert.isUndefined(await page.evaluate(() => Reflect.get(globalThis, "isHacked")))
      assert.deepStrictEqual([wrongs, foreign], [[], []])
      await context.close()
    }),
    testTimeout
  )
})
