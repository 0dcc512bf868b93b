// `npm run docs`: writes the pages of docs/ that are made from the code, and builds the site into `artifacts/docs`.
import { join, resolve } from "node:path"
import { bundledNode, ensureInstalled, root, toolEnvironment } from "./install.mjs"
import { replaceBy } from "./replace.mjs"

ensureInstalled()

const [folder = join(root, "artifacts", "docs")] = process.argv.slice(2)
replaceBy(bundledNode(), [join(root, "packages", "docs", "src", "main.ts"), "build", resolve(folder)], {
  cwd: root,
  env: toolEnvironment()
})
