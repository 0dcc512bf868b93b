// `node scripts/run.mjs TOOL ARGS…`: runs an installed tool of the workspace under the bundled Node, installing first if needed.
import { existsSync } from "node:fs"
import { join } from "node:path"
import { bin, bundledNode, ensureInstalled, fail, root, toolEnvironment } from "./install.mjs"
import { replaceBy } from "./replace.mjs"

const [tool, ...args] = process.argv.slice(2)
if (tool === undefined) fail("Usage: node scripts/run.mjs TOOL [ARGUMENT…]")
ensureInstalled()

const program = tool === "node" ? bundledNode() : join(bin, tool)
if (!existsSync(program)) fail(`There is no tool "${tool}" in ${bin}.`)
replaceBy(program, args, { cwd: root, env: toolEnvironment() })
