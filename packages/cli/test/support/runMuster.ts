import * as NodeServices from "@effect/platform-node/NodeServices"
import { ConfigProvider, Console, Effect, FileSystem, Layer, Sink, Stream } from "effect"
import { TerminalCapabilities } from "effect/cli"
import * as Stdio from "effect/Stdio"
import { run } from "../../src/Cli.ts"
import { token } from "./Fixtures.ts"

/** The output of a command. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Surroundings {
  /** HOME; the command has no other. */
  readonly home?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly terminal?: boolean
}

/** An environment that is signed in to a server. */
export const signedIn = (url: string) => ({ env: { MUSTER_SERVER_URL: url, MUSTER_TOKEN: token } })

/** A temporary folder as a person's home, until the scope ends. */
export const makeHome = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()).pipe(
  Effect.provide(NodeServices.layer)
)

/** The path of a home's profile. */
export const profileOf = (home: string) => `${home}/.muster/profile.json`

/** Runs a command line inside this process, with a given environment, and captures its output. */
export const runMuster = Effect.fnUntraced(function*(args: ReadonlyArray<string>, around: Surroundings = {}) {
  const out: Array<string> = []
  const err: Array<string> = []
  const sink = (to: Array<string>) => () =>
    Sink.forEach((text: string | Uint8Array) => Effect.sync(() => void to.push(String(text))))
  const stdio = Stdio.layerTest({
    stdin: around.stdin === undefined ? Stream.empty : Stream.succeed(new TextEncoder().encode(around.stdin)),
    stdinIsTerminal: Effect.succeed(around.terminal === true),
    stdoutIsTerminal: Effect.succeed(around.terminal === true),
    stderrIsTerminal: Effect.succeed(around.terminal === true),
    stdout: sink(out),
    stderr: sink(err)
  })
  const console = {
    ...globalThis.console,
    log: (...words: ReadonlyArray<unknown>) => void out.push(`${words.join(" ")}\n`),
    error: (...words: ReadonlyArray<unknown>) => void err.push(`${words.join(" ")}\n`)
  }
  const env = { HOME: around.home ?? "/nowhere", ...around.env }
  const code = yield* run(args).pipe(
    Effect.provide(Layer.mergeAll(
      Layer.provideMerge(stdio, NodeServices.layer),
      ConfigProvider.layer(ConfigProvider.fromEnv({ env })),
      Layer.succeed(TerminalCapabilities.TerminalCapabilities, { canColor: false, canAnimate: false, canPrompt: false })
    )),
    Effect.provideService(Console.Console, console)
  )
  const outcome: Outcome = { code, stdout: out.join(""), stderr: err.join("") }
  return outcome
})
