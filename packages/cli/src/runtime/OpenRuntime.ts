import { HostEnvironment } from "@muster/daemon"
import { ConsolePages } from "@muster/domain"
import { Config, Console, Effect, Option } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import { jsonText } from "../output/Text.ts"
import { openNamed } from "./ManageRuntimes.ts"

const variable = (name: string) =>
  Effect.orElseSucceed(Config.option(Config.NonEmptyString(name)), () => Option.none<string>())

/** Returns the program that opens an address: BROWSER, else that of the desktop. None: there is no desktop. */
const opener = (platform: string) =>
  Effect.gen(function*() {
    const browser = yield* variable("BROWSER")
    if (Option.isSome(browser) || platform === "win32") return browser
    if (platform === "darwin") return Option.some("open")
    const screens = [yield* variable("DISPLAY"), yield* variable("WAYLAND_DISPLAY")]
    return screens.some(Option.isSome) ? Option.some("xdg-open") : Option.none()
  })

/** How long the program may take to hand the address to a browser. */
const timeout = "5 seconds"

/** Whether the program opened the address. A browser that stays in the foreground counts as opened. */
const opens = (program: string, address: string) =>
  Effect.gen(function*() {
    const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
    const env = yield* HostEnvironment
    const command = ChildProcess.make(program, [address], { env, stdin: "ignore", stdout: "ignore", stderr: "ignore" })
    return (yield* spawner.exitCode(command)) === 0
  }).pipe(
    Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.succeed(true) }),
    Effect.orElseSucceed(() => false)
  )

/** `muster open`: prints the address of a runtime's page in the console, and opens it in a browser if there is one. */
export const openRuntime = Effect.fn("openRuntime")(function*(input: {
  readonly runtime: string
  readonly print: boolean
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const { connection, runtime } = yield* openNamed(input)
  const path = ConsolePages.all.runtime.replace(":runtimeId", runtime.id)
  const address = `${connection.url.replace(/\/$/, "")}${path}`
  yield* Console.log(input.json ? jsonText({ id: runtime.id, name: runtime.name, url: address }) : address)
  if (input.print || input.json) return
  const program = yield* opener(process.platform)
  if (Option.isNone(program)) return
  if (!(yield* opens(program.value, address))) {
    yield* Console.error(`note:  ${program.value} could not open it: open the address in a browser`)
  }
}, Effect.provide(FetchHttpClient.layer))
