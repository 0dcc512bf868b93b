// `npm start`: installs what is missing, then becomes `muster dev`. A console older than its sources is built beside it.
import { delimiter, join } from "node:path"
import { buildConsole } from "./console.mjs"
import { bin, bundledNode, ensureInstalled, root } from "./install.mjs"
import { replaceBy } from "./replace.mjs"

ensureInstalled("run")
buildConsole()

// Agent CLIs are found on PATH. The workspace's own are last, so that a person's installation of one comes first.
const own = (process.env.PATH || "").split(delimiter).filter((folder) => folder !== bin)

replaceBy(bundledNode(), [join(root, "packages", "cli", "src", "main.ts"), "dev", ...process.argv.slice(2)], {
  // The daemon reports that the CLIs in this folder come with Muster.
  env: { ...process.env, PATH: [...own, bin].join(delimiter), MUSTER_BUNDLED_CLIS: bin }
})
