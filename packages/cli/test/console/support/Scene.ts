import { chromiumProgram } from "@muster/store-suite"
import { Context, Effect, Layer, Schema, Scope } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { type Spawned, spawnMuster } from "../../support/Spawned.ts"
import { makeMachine } from "./FakeClis.ts"

type Machine = Effect.Success<typeof makeMachine>

/** The folder of screenshots after a run. */
export const artifacts = fileURLToPath(new URL("../../../../../artifacts/console", import.meta.url))

const build = fileURLToPath(new URL("../../../../../scripts/console.mjs", import.meta.url))

const Started = Schema.fromJsonString(Schema.Struct({ url: Schema.String, token_file: Schema.String }))

/** The timeout of a page's operations, in ms: the machine may be busy. */
const testTimeout = 15_000

export interface Opened {
  readonly context: BrowserContext
  readonly page: Page
  /** The errors of the page: uncaught ones, and violations of its policy. */
  readonly wrongs: ReadonlyArray<string>
}

/** A whole server, a daemon with scripted agent CLIs, and one browser. */
export class Scene extends Context.Service<Scene, {
  readonly url: string
  readonly token: string
  readonly workspace: string
  readonly machine: Machine
  /** The daemon that runs now. */
  readonly daemon: () => Spawned["process"]
  /** Ends the daemon as Ctrl-C does; it has deregistered when this returns. */
  readonly stopDaemon: Effect.Effect<void>
  readonly startDaemon: Effect.Effect<void>
  /** A call of the API with the owner's token. */
  readonly call: (method: string, path: string, body?: object, workspace?: string) => Promise<any>
  /** A new browser that was signed in by link, on a path of the console. */
  readonly open: (path?: string, options?: Parameters<Browser["newContext"]>[0]) => Promise<Opened>
}>()("@muster/cli/test/console/Scene") {
  static readonly layer = Layer.effect(this, Effect.suspend(() => makeScene(true)))

  /** The same without a daemon. */
  static readonly layerAlone = Layer.effect(this, Effect.suspend(() => makeScene(false)))
}

/** Starts a browser for the console of a server. `makeLink` creates a code that signs its owner in. */
export const openBrowser = Effect.fnUntraced(function*(
  url: string,
  makeLink: () => Promise<{ readonly code: string }>
) {
  execFileSync(process.execPath, [build], { stdio: "pipe" })
  mkdirSync(artifacts, { recursive: true })
  const browser = yield* Effect.acquireRelease(
    Effect.promise(() =>
      chromium.launch({ executablePath: chromiumProgram(), args: ["--no-sandbox", "--disable-gpu"] })
    ),
    (browser) => Effect.promise(() => browser.close())
  )

  const open = async (path = "/", options: Parameters<Browser["newContext"]>[0] = {}): Promise<Opened> => {
    const { code } = await makeLink()
    const context = await browser.newContext({
      viewport: { width: 1280, height: 860 },
      reducedMotion: "reduce",
      ...options
    })
    context.setDefaultTimeout(testTimeout)
    const wrongs: Array<string> = []
    const page = await context.newPage()
    page.on("pageerror", (error) => wrongs.push(error.message))
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) wrongs.push(message.text())
    })
    await page.goto(`${url}${path}#sign-in=${code}`)
    await page.getByRole("navigation").waitFor()
    return { context, page, wrongs }
  }
  return open
})

const makeScene = (withDaemon: boolean) =>
  Effect.gen(function*() {
    const machine = yield* makeMachine
    const data = ["--data", `${machine.env.HOME}/server`]
    const server = yield* spawnMuster(
      ["server", "--port", "0", "--host", "127.0.0.1", ...data, "--json"],
      machine.env
    )
    const [document] = yield* server.awaitOut(/^\{[\s\S]*\n\}$/m)
    const { token_file, url } = yield* Effect.orDie(Schema.decodeEffect(Started)(document))
    const token = readFileSync(token_file, "utf8").trim()

    const call = async (method: string, path: string, body?: object, workspace?: string) => {
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          ...(workspace === undefined ? {} : { "x-workspace-id": workspace })
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      return response.json()
    }
    const [{ id: workspace }] = yield* Effect.promise(() => call("GET", "/api/workspaces"))

    const scope = yield* Effect.scope
    let daemon: Spawned
    const startDaemon = Effect.gen(function*() {
      daemon = yield* spawnMuster(["daemon", "--name", "laptop"], {
        ...machine.env,
        MUSTER_SERVER_URL: url,
        MUSTER_TOKEN: token
      }).pipe(Effect.provideService(Scope.Scope, scope))
      yield* daemon.awaitOut(/online +opencode/)
    })
    if (withDaemon) yield* startDaemon

    const open = yield* openBrowser(url, () => call("POST", "/api/session/links", {}))

    return Scene.of({
      url,
      token,
      workspace,
      machine,
      call,
      open,
      startDaemon,
      daemon: () => daemon.process,
      stopDaemon: Effect.suspend(() => {
        daemon.process.kill("SIGTERM")
        return Effect.asVoid(daemon.outcome)
      })
    })
  })
