// What `npm start` and `npx muster` run in a clone without development tools: the built command line. It needs none of the packages that it
// was built from, and starts sooner than the sources.
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { draftOf, replaceDist, run, writeDatabase } from "./build.mjs"
import { consolePages, ensureConsole, fingerprintOf } from "./console.mjs"
import { bundledNode, installToRun, keepOnlyWhatRuns, root, say } from "./install.mjs"
import { pgliteFiles } from "./packages.mjs"

const dist = join(root, "packages", "cli", "dist")
const stampFile = join(dist, "built-from")

const isBuilt = (wanted) => {
  try {
    return readFileSync(stampFile, "utf8") === wanted && existsSync(bundledNode())
  } catch {
    return false // never built, or half of it was deleted
  }
}

const announcement = () =>
  existsSync(stampFile)
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
  rmSync(consolePages, { recursive: true })
  for (const [path, file] of pgliteFiles()) {
    const copy = join(draft, "node_modules", path)
    mkdirSync(dirname(copy), { recursive: true })
    copyFileSync(file, copy)
  }
  writeFileSync(join(draft, "built-from"), wanted)
  replaceDist("cli", draft)
  say(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
}

/** Installs and builds unless the last build was made from the very same sources. Returns the file that runs. */
export const ensureRunnable = async () => {
  const wanted = fingerprintOf(["packages", "scripts", "package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"])
  if (!isBuilt(wanted)) {
    say(announcement())
    installToRun()
    await build(wanted)
  }
  keepOnlyWhatRuns()
  return join(dist, "main.js")
}
