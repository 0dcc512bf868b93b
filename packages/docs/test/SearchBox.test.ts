import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { layerServerOver, ServerInfo } from "@muster/server"
import { layerMemory } from "@muster/store-memory"
import { chromiumProgram } from "@muster/store-suite"
import { Context, Effect, FileSystem, Layer, Logger } from "effect"
import { join } from "node:path"
import { chromium } from "playwright-core"
import { buildSite } from "../src/site/Build.ts"
import { brokenReferences } from "../src/site/Built.ts"

/** A build of the site and a browser, on a machine that may be busy. */
const timeout = 240_000

/** What people ask, the page that answers, and its heading there. */
const questions = [
  ["second machine", "/help/second-machine.html", "Tutorial: a second machine"],
  ["behind nginx", "/help/deploy.html", "Run behind nginx with TLS"],
  ["why is my runtime offline", "/help/troubleshooting.html", "Why is my runtime offline?"]
] as const

/** A server whose package has the documentation, as published ones do. */
const startServer = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const folder = yield* files.makeTempDirectoryScoped({ prefix: "muster-help-" })
  const { output, succeeded } = buildSite(join(folder, "help"), "/help/")
  assert.isTrue(succeeded, output)
  assert.deepStrictEqual(brokenReferences(join(folder, "help"), "/help/"), [])
  const options = { host: "127.0.0.1", port: 0, dataDir: join(folder, "data"), consoleFolder: folder }
  const context = yield* Layer.build(layerServerOver(options).pipe(Layer.provide(layerMemory)))
  return Context.get(context, ServerInfo).url
}).pipe(Effect.provide([NodeServices.layer, Logger.layer([])]))

const openBrowser = Effect.acquireRelease(
  Effect.promise(() => chromium.launch({ executablePath: chromiumProgram(), args: ["--no-sandbox", "--disable-gpu"] })),
  (browser) => Effect.promise(() => browser.close())
)

describe("the search box of the documentation", () => {
  it.live(
    "P-07 answers three people's questions by one click on the first result, without another host",
    () =>
      Effect.gen(function*() {
        const url = yield* startServer
        const browser = yield* openBrowser
        yield* Effect.promise(async () => {
          const page = await browser.newPage()
          page.setDefaultTimeout(30_000)
          const wrongs: Array<string> = []
          page.on("pageerror", ({ message }) => wrongs.push(message))
          page.on("console", (message) => {
            if (message.type() === "error") wrongs.push(message.text())
          })
          page.on("request", (request) => {
            if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(`${url}/`)) {
              wrongs.push(request.url())
            }
          })
          for (const [question, path, heading] of questions) {
            await page.goto(`${url}/help/`)
            await page.getByRole("button", { name: "Search" }).first().click()
            await page.getByRole("searchbox").fill(question)
            const first = page.getByRole("option").first().getByRole("link")
            await first.getByText(heading.split(" ").at(-1)!).first().waitFor()
            await first.click()
            await page.waitForURL(`${url}${path}*`)
            // The page shows it without scrolling.
            await page.waitForFunction((text) =>
              [...document.querySelectorAll("h1, h2, h3")].some((one) => {
                const { bottom, top } = one.getBoundingClientRect()
                return one.textContent.includes(text) && top >= 0 && bottom <= innerHeight
              }), heading)
          }
          assert.deepStrictEqual(wrongs, [])
        })
      }).pipe(Effect.scoped),
    timeout
  )
})
