import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runWords, wordsOf } from "./support/InProcess.ts"
import { allBlocks, commandsOf, isSettings, isShell, notRun } from "./support/Lines.ts"
import { makePeople } from "./support/People.ts"
import { startScene } from "./support/Scene.ts"
import { runLine, startLine } from "./support/Shell.ts"

/** Dozens of commands with real servers and daemons, on a machine that may be busy. */
const testTimeout = 600_000

/** Commands that go on until they are stopped, and what they print once they work. */
const endless: ReadonlyArray<readonly [RegExp, RegExp]> = [
  [/\bnpm start\b|\bmuster (dev|server)\b/, /is up|listening/],
  [/--watch$/, /\S/],
  [/logs -f$/, /\S/],
  [/machines add --wait$/, /mjt_/]
]

/** Every command of the pages that a test can run, once, in the order of the pages. */
const commands = () => {
  const found = allBlocks().filter((block) => isShell(block) && !isSettings(block)).flatMap((block) =>
    commandsOf(block).map((command) => ({ page: block.page, command }))
  ).filter(({ command }) => notRun[command] === undefined)
  const key = ({ command }: { readonly command: string }) => command.replace(/^npx /, "")
  return found.filter((one, index) => found.findIndex((other) => key(other) === key(one)) === index)
}

/** Runs a command and returns what it printed, and why it does not work; undefined: it does. */
const tried = Effect.fnUntraced(function*(command: string, line: string, env: Readonly<Record<string, string>>) {
  const [, ready] = endless.find(([form]) => form.test(command)) ?? []
  if (ready !== undefined) {
    return yield* Effect.promise(async () => {
      try {
        const { stop } = await startLine(line, env, ready)
        return { output: await stop(), failure: undefined }
      } catch (error) {
        return { output: "", failure: String(error) }
      }
    })
  }
  // Those that start processes are processes.
  const words = / (join|daemon) /.test(line) ? undefined : wordsOf(line)
  const { code, output } = yield* words === undefined
    ? Effect.promise(() => runLine(line, env))
    : runWords(words, env)
  return { output, failure: code === 0 ? undefined : `it ended with ${code}: ${output}` }
})

describe("the commands of the pages", () => {
  it.live("P-07 F-22 each one works, with real servers, daemons and processes", () =>
    Effect.gen(function*() {
      const { prepare, remember } = yield* makePeople(yield* startScene)
      // `npm start` is the scene.
      const all = commands().filter(({ command }) => command !== "npm start")
      assert.isAtLeast(all.length, 45)
      const failed = yield* Effect.forEach(all, ({ command, page }) => {
        const { env, line } = prepare(command)
        return Effect.map(tried(command, line, env), ({ failure, output }) => {
          remember(output)
          return failure === undefined ? [] : [`${page}: ${command}: ${failure}`]
        })
      })
      assert.deepStrictEqual(failed.flat(), [])
    }), testTimeout)
})
