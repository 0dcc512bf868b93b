import * as NodeServices from "@effect/platform-node/NodeServices"
import { run } from "@muster/cli"
import { ConfigProvider, Console, Effect, Layer, Sink, Stream } from "effect"
import { TerminalCapabilities } from "effect/cli"
import * as Stdio from "effect/Stdio"

/** What only a shell understands. */
const shellOnly = /[|<>&;$`]/

/** The words of a command that needs no shell; undefined: it needs one, or is none of `muster`. */
export const wordsOf = (command: string): ReadonlyArray<string> | undefined => {
  if (!/^(npx )?muster /.test(command) || shellOnly.test(command)) return undefined
  const words: ReadonlyArray<string> = command.match(/'[^']*'|"[^"]*"|\S+/g) ?? []
  return words.map((word) => word.replace(/^(['"])(.*)\1$/, "$2")).slice(words.indexOf("muster") + 1)
}

/** Runs a command line of `muster` in this process, with this environment only. Both outputs are one. */
export const runWords = Effect.fnUntraced(
  function*(words: ReadonlyArray<string>, env: Readonly<Record<string, string>>) {
    const output: Array<string> = []
    const write = (text: unknown) => void output.push(String(text))
    const sink = () => Sink.forEach((text: string | Uint8Array) => Effect.sync(() => write(text)))
    const say = (...said: ReadonlyArray<unknown>) => write(`${said.join(" ")}\n`)
    const stdio = Stdio.layerTest({
      stdin: Stream.empty,
      stdinIsTerminal: Effect.succeed(false),
      stdoutIsTerminal: Effect.succeed(false),
      stderrIsTerminal: Effect.succeed(false),
      stdout: sink,
      stderr: sink
    })
    const code = yield* run(words).pipe(
      Effect.provide(Layer.mergeAll(
        Layer.provideMerge(stdio, NodeServices.layer),
        ConfigProvider.layer(ConfigProvider.fromEnv({ env })),
        Layer.succeed(TerminalCapabilities.TerminalCapabilities, {
          canColor: false,
          canAnimate: false,
          canPrompt: false
        })
      )),
      Effect.provideService(Console.Console, { ...globalThis.console, log: say, error: say })
    )
    return { code, output: output.join("") }
  }
)
