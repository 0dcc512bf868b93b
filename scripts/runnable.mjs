// The built command line, as the packages contain it: what `npm start` and `npx muster` run in a clone without development tools, and what all tests of
// processes run. It needs none of the packages that it was built from, and starts sooner than the sources.
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { draftOf, replaceDist, run, writeDatabase } from "./build.mjs"
import { consolePages, ensureConsole, fingerprintOf } from "./console.mjs"
import { bundledNode, hasNode, installToRun, keepOnlyWhatRuns, root, say } from "./install.mjs"
import { pgliteFiles } from "./packages.mjs"

const dist = join(root, "packages", "cli", "dist")
const main = join(dist, "main.js")
const stampFile = join(dist, "built-from")

const fingerprint = () =>
  fingerprintOf(["packages", "scripts", "package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"])

const isBuilt = (wanted) => {
  try {
    return readFileSync(stampFile, "utf8") === wanted
  } catch {
    return false // never built, or by `npm run build`
  }
}

const announcement = () =>
  hasNode() && existsSync(stampFile)
    ? "Muster has changed: building it again …"
    : "First start: downloading what Muster needs to run, and what builds it. 350 MB stay on disk: opencode (the bundled agent CLI) 177 MB, " +
      "Node 143 MB, Muster 30 MB. A minute on a fast line …"

const build = async (wanted) => {
  const started = Date.now()
  say("Building Muster …")
  const draft = draftOf("cli")
  process.on("exit", () => rmSync(draft, { recursive: true, force: true }))
  mkdirSync(draft, { recursive: true })
  const parts = [
    run("The command line", bundledNode(), [
      join(root, "scripts", "bundle.mjs"),
      JSON.stringify([["cli", draft]]),
      "--no-maps"
    ]),
    writeDatabase(join(draft, "database.zst"))
  ]
  ensureConsole()
  await Promise.all(parts)
  cpSync(consolePages, join(draft, "pages"), { recursive: true })
  for (const [path, file] of pgliteFiles()) {
    const copy = join(draft, "node_modules", path)
    mkdirSync(dirname(copy), { recursive: true })
    copyFileSync(file, copy)
  }
  writeFileSync(join(draft, "built-from"), wanted)
  replaceDist("cli", draft)
  say(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
}

/** Builds unless the last build was made from the very same sources. Returns the file that runs. */
export const ensureBuild = async () => {
  const wanted = fingerprint()
  if (!isBuilt(wanted)) await build(wanted)
  return main
}

/** The same, for a clone without development tools: installs what building needs, and removes it again. */
export const ensureRunnable = async () => {
  const wanted = fingerprint()
  if (!isBuilt(wanted) || !hasNode()) {
    say(announcement())
    installToRun()
    await build(wanted)
    rmSync(consolePages, { recursive: true, force: true })
  }
  keepOnlyWhatRuns()
  return main
}
