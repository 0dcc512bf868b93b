// `npm run executable`: builds, then writes one executable for this system and its SHA256SUMS to `artifacts/executable`.
import { join } from "node:path"
import { build } from "./build.mjs"
import { bundledNode, ensureInstalled, root, toolEnvironment } from "./install.mjs"
import { replaceBy } from "./replace.mjs"

ensureInstalled()
await build()
replaceBy(bundledNode(), [join(root, "scripts", "sea.mjs"), ...process.argv.slice(2)], {
  cwd: root,
  env: toolEnvironment()
})
