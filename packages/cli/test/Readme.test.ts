import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { exitCodes } from "../src/failure/ExitCode.ts"
import { runMuster } from "./support/runMuster.ts"

const read = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8")
const readme = read("README.md")

/** Every `npx muster …` and `npm start …` of the README's shell blocks, as arguments of `muster`. */
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block]) => block!.trim().split("\n"))
  .flatMap((line) => {
    const words = line.split(/\s+/)
    if (line.startsWith("npx muster ")) return [words.slice(2)]
    return line.startsWith("npm start") ? [["dev", ...words.slice(2).filter((word) => word !== "--")]] : []
  })

describe("the README's commands", () => {
  it("are in the README", () => assert.isAtLeast(commands.length, 8))

  it.effect.each(commands.map((words) => ({ line: words.join(" "), words })))(
    "`$line` is a valid command",
    ({ words }) =>
      Effect.gen(function*() {
        const isFlag = (word: string) => word.startsWith("--")
        // A command of a command has flags of its own.
        const named = words.slice(0, words.findIndex(isFlag) < 0 ? words.length : words.findIndex(isFlag))
        const { stdout } = yield* runMuster([...named, "--help"])
        for (const flag of words.filter(isFlag)) {
          assert.include(stdout.replace("--daemon", "--daemon, --no-daemon"), flag)
        }
      })
  )
})

describe("the page of exit codes", () => {
  it.each(Object.values(exitCodes))("%i is on it", (code) => assert.include(read("docs/exit-codes.md"), `| ${code} |`))
})
