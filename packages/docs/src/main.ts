import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect } from "effect"
import { join, resolve } from "node:path"
import { deadLinks } from "./page/Links.ts"
import { root } from "./page/Repository.ts"
import { operationsWithoutText } from "./reference/Api.ts"
import { differentCodes } from "./reference/Codes.ts"
import { differentMetrics } from "./reference/Metrics.ts"
import { differentVariables } from "./reference/Variables.ts"
import { outdatedPages, writePages } from "./reference/Written.ts"
import { buildSite } from "./site/Build.ts"
import { brokenReferences, filesOf } from "./site/Built.ts"

const say = (line: string) => void process.stdout.write(`${line}\n`)

/** Prints what is wrong, one line each, and returns whether nothing is. */
const report = (found: ReadonlyArray<string>) => {
  for (const line of found) say(line)
  if (found.length > 0) process.exitCode = 1
  return found.length === 0
}

const brokenLinks = () => deadLinks().map(({ line, path, sentence }) => `${path}:${line}: ${sentence}`)

const check = Effect.map(outdatedPages, (outdated) =>
  report([
    ...operationsWithoutText().map((id) =>
      `${id}: is an operation of the API without texts; add them to packages/domain/src/wire/OperationTexts.ts`
    ),
    ...outdated.map((path) => `${path}: differs from the code; npm run docs writes it`),
    ...differentVariables(),
    ...differentCodes(),
    ...differentMetrics(),
    ...brokenLinks()
  ]))

const site = (out: string, base: string) => {
  if (!report(brokenLinks())) return
  const { output, succeeded } = buildSite(out, base)
  if (!succeeded) report([output, "The site could not be built: see the output above."])
  else if (report(brokenReferences(out, base))) {
    say(`${filesOf(out).filter((path) => path.endsWith(".html")).length} pages in ${out}`)
  }
}

const build = (out: string) => Effect.map(writePages, () => site(out, "/"))

// `check` compares pages with the code; `build [FOLDER]` writes those that are made from it, and the site; `site FOLDER BASE`
// builds only the site, for addresses that begin with BASE.
const [command, folder, base] = process.argv.slice(2)
NodeRuntime.runMain(
  command === "check"
    ? check
    : command === "build"
    ? build(folder === undefined ? join(root, "artifacts", "docs") : resolve(folder))
    : command === "site" && folder !== undefined && base !== undefined
    ? Effect.sync(() => site(resolve(folder), base))
    : Effect.sync(() => report(["Usage: node packages/docs/src/main.ts check | build [FOLDER] | site FOLDER BASE"]))
)
