import { assert, describe, it } from "@effect/vitest"
import { chromiumProgram, freePort, openIdProvider } from "@muster/store-suite"
import { Effect, Schedule } from "effect"
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { chromium } from "playwright-core"
import { makeHome, runMuster } from "./support/runMuster.ts"
import { spawnMuster } from "./support/Spawned.ts"
import { comparable, Secrets, type Step, stepsOf } from "./support/Tutorial.ts"
import { makeHomes, runShell } from "./support/TutorialShell.ts"

const testTimeout = 300_000

/** A server with a provider, in a process of its own. */
const startServer = Effect.gen(function*() {
  const port = yield* Effect.orDie(freePort((message) => message))
  const url = `http://127.0.0.1:${port}`
  const provider = yield* openIdProvider({
    redirectUris: [`${url}/auth/oidc/callback`],
    postLogoutRedirectUris: [`${url}/`]
  })
  const home = yield* makeHome
  const args = ["server", "--port", `${port}`, "--host", "127.0.0.1", "--data", `${home}/data`, "--json"]
  const server = yield* spawnMuster(args, {
    HOME: home,
    MUSTER_PUBLIC_URL: url,
    MUSTER_OIDC_ISSUER: provider.issuer,
    MUSTER_OIDC_CLIENT_ID: provider.clientId,
    MUSTER_OIDC_CLIENT_SECRET: provider.clientSecret,
    MUSTER_OIDC_NAME: "Example ID",
    MUSTER_OIDC_WORKSPACE: "home"
  })
  yield* server.awaitOut(/^\{[\s\S]*\n\}$/m)
  return { url, provider, token: readFileSync(`${home}/data/token`, "utf8").trim() }
})

/** Grace signs in with the provider in a browser, and creates a token in the settings. */
const createTokenInBrowser = (url: string) =>
  Effect.scoped(Effect.gen(function*() {
    const browser = yield* Effect.acquireRelease(
      Effect.promise(() =>
        chromium.launch({ executablePath: chromiumProgram(), args: ["--no-sandbox", "--disable-gpu"] })
      ),
      (browser) => Effect.promise(() => browser.close())
    )
    return yield* Effect.promise(async () => {
      const page = await browser.newPage()
      await page.goto(url)
      await page.getByRole("link", { name: "Sign in with Example ID" }).or(
        page.getByRole("button", { name: "Sign in with Example ID" })
      ).click()
      await page.getByRole("navigation").waitFor()
      await page.goto(`${url}/settings`)
      await page.getByRole("button", { name: "New token …" }).click()
      await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("desktop")
      await page.getByRole("dialog").getByRole("button", { name: "Create" }).click()
      const secret = page.getByRole("dialog").locator("pre")
      await secret.waitFor()
      return (await secret.textContent())!.trim()
    })
  }))

describe("the tutorial of a team", () => {
  it.live(
    "A-01 A-02 A-03 A-04 A-06 A-09 every command of docs/team.md does what the page shows, in real processes",
    () =>
      Effect.gen(function*() {
        execFileSync(process.execPath, [fileURLToPath(new URL("../../../scripts/console.mjs", import.meta.url))])
        const { provider, token, url } = yield* startServer
        const homes = yield* makeHomes
        const secrets = new Secrets()
        const [printed, shown]: [Array<string>, Array<string>] = [[], []]
        let job: { readonly end: Effect.Effect<void> } | undefined

        yield* runMuster(["login", "--server", url, "--token", token], { home: homes.of("owner").HOME })
        provider.present("grace", { email: "grace@example.com", email_verified: true, name: "Grace" })
        const before: Record<string, Effect.Effect<void>> = {
          "grace$ npx muster login": Effect.map(createTokenInBrowser(url), (secret) =>
            writeFileSync(`${homes.of("grace").HOME}/token`, secret))
        }

        const run = Effect.fnUntraced(function*({ command, expected, who }: Step) {
          const line = secrets.fill(command.replaceAll("http://muster.example.com", url))
          if (line === "kill %1") {
            return yield* job!.end
          }
          if (line.endsWith(" &")) {
            const [, words = ""] = /^(.*) npx muster daemon &$/.exec(line) ?? []
            const given = Object.fromEntries(
              words.split(" ").map((pair) =>
                pair.split("=") as [string, string]
              )
            )
            const daemon = yield* spawnMuster(["daemon"], { ...homes.of(who), ...given })
            yield* daemon.awaitOut(/online +opencode/)
            job = {
              end: Effect.asVoid(Effect.suspend(() => {
                daemon.process.kill("SIGTERM")
                return daemon.outcome
              }))
            }
            return
          }
          // What others do takes effect within seconds.
          const output = yield* runShell(line, homes.of(who)).pipe(
            Effect.repeat({
              until: (output) => !line.includes("grep") || comparable(output) === comparable(expected),
              schedule: Schedule.max([Schedule.spaced("500 millis"), Schedule.recurs(40)])
            })
          )
          secrets.remember(output)
          printed.push(`${who}$ ${command}`, comparable(output))
          shown.push(`${who}$ ${command}`, comparable(expected))
        })

        const steps = stepsOf("team.md")
        assert.isAtLeast(steps.length, 18)
        for (const step of steps) {
          const prepared = Object.entries(before).find(([start]) => `${step.who}$ ${step.command}`.startsWith(start))
          if (prepared !== undefined) yield* prepared[1]
          yield* run(step)
        }
        assert.deepStrictEqual(printed, shown)
      }),
    testTimeout
  )
})
