import { assert, describe, it } from "@effect/vitest"
import { parse } from "yaml"
import { readText } from "../src/page/Repository.ts"
import { firstCells } from "../src/reference/Sources.ts"
import { allBlocks, commandsOf, isSettings, isShell, notRun, type PageBlock } from "./support/Lines.ts"

/** The pages whose `console` blocks a test of packages/cli executes and compares. */
const tutorials = {
  "docs/first-task.md": "packages/cli/test/FirstTask.test.ts",
  "docs/ci.md": "packages/cli/test/FirstTask.test.ts",
  "docs/team.md": "packages/cli/test/Team.test.ts",
  "docs/second-machine.md": "packages/cli/test/SecondMachine.test.ts"
} as Readonly<Record<string, string>>

/** The pages whose files a test writes into a project, compiles and runs. */
const recipes = {
  "docs/extending.md": "scripts/test/recipes.test.mjs",
  "docs/embedding.md": "scripts/test/packages.test.mjs",
  "docs/http-api.md": "packages/docs/test/TypedClient.test.ts"
} as Readonly<Record<string, string>>

/** Blocks of other languages that no test runs, and why. */
const others: Readonly<Record<string, string>> = {
  "docs/deploy.md nginx": "two directives of the main context; deploy/nginx/muster.conf is run by a test"
}

const hasNoPrompt = (text: string) => !/^\s*(\$|\w+\$) /m.test(text)

/** How a block is shown to be right: by a run, the compiler, a parser; undefined: not at all. */
const shownBy = (block: PageBlock): string | undefined => {
  const { language, page, text } = block
  if (isSettings(block)) return "settings"
  if (isShell(block)) return "run"
  if (language === "console") return tutorials[page] !== undefined ? "run" : undefined
  if (recipes[page] !== undefined && ["ts", "diff", "json"].includes(language)) return "recipe"
  if (language === "ts") return isCompiled(text) ? "types" : undefined
  if (language === "json") return JSON.parse(text) === undefined ? undefined : "parsed"
  if (language === "yaml") return parse(text) === null ? undefined : "parsed"
  if (language === "") return hasNoPrompt(text) ? "drawing" : undefined
  return others[`${page} ${language}`]
}

const isCompiled = (text: string) => {
  const example = readText("packages/server/test/docs/AuditExample.test.ts")
  return text.trim().split("\n").every((line) => example.includes(line.trim()))
}

describe("the blocks of the pages", () => {
  it("P-07 each one is run, type-checked or parsed", () => {
    const blocks = allBlocks()
    assert.isAtLeast(blocks.length, 60)
    assert.deepStrictEqual(
      blocks.filter((block) => shownBy(block) === undefined).map(({ language, line, page }) =>
        `${page}:${line} ${language}`
      ),
      []
    )
  })

  it("P-07 the tests of tutorials and recipes read their pages", () => {
    for (const [page, test] of Object.entries(recipes)) assert.include(readText(test), page)
    for (const [page, test] of Object.entries(tutorials)) {
      assert.include(readText(test), `stepsOf("${page.replace("docs/", "")}")`)
    }
  })

  it("P-07 each command that is not run is on a page, with its reason; there are few", () => {
    const commands = new Set(allBlocks().filter(isShell).flatMap(commandsOf))
    assert.deepStrictEqual(Object.keys(notRun).filter((line) => !commands.has(line)), [])
    assert.isAtMost(Object.keys(notRun).length, 15)
    assert.isAtMost(Object.keys(others).length, 1)
  })

  it("P-07 each variable of a block is one that the server reads", () => {
    const names = firstCells("docs/configuration.md")
    const set = allBlocks().filter(isSettings).flatMap(commandsOf).map((line) => line.split("=")[0]!)
    assert.isAtLeast(set.length, 10)
    assert.deepStrictEqual(set.filter((name) => !names.includes(name)), [])
  })
})
