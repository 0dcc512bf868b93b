// `npm start`: becomes `muster dev`. Where development tools are installed, from the sources, with a console that is built beside it if
// it is older than its sources; elsewhere from a build.
import { delimiter, join } from "node:path"
import { buildConsole } from "./console.mjs"
import { bin, bundledNode, ensureInstalled, isDevelopment, root } from "./install.mjs"
import { replaceBy } from "./replace.mjs"
import { ensureRunnable } from "./runnable.mjs"

const sources = () => {
  ensureInstalled()
  buildConsole()
  return join(root, "packages", "cli", "src", "main.ts")
}

const main = isDevelopment() ? sources() : await ensureRunnable()

// Agent CLIs are found on PATH. The workspace's own are last, so that a person's installation of one comes first.
const own = (process.env.PATH || "").split(delimiter).filter((folder) => folder !== bin)

replaceBy(bundledNode(), [main, "dev", ...process.argv.slice(2)], {
  // The daemon reports that the CLIs in this folder come with Muster.
  env: { ...process.env, PATH: [...own, bin].join(delimiter), MUSTER_BUNDLED_CLIS: bin }
})
