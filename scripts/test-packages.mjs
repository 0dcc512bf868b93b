// `npm run test:packages`: the tests of the published packages on each supported major version of Node, and those of the first `npm start`. The
// other Nodes are installed from npm at first use, in the user's cache folder.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { delimiter, join } from "node:path"
import { bin, ensureInstalled, fail, installEnvironment, root, toolEnvironment } from "./install.mjs"
import { replaceBy } from "./replace.mjs"

/** Besides the bundled one. */
const versions = ["22.23.3", "24.21.0"]

const nodeOf = (version) => {
  const folder = join(homedir(), ".cache", "muster", "nodes", version)
  const node = join(folder, "node_modules", "node", "bin", "node")
  if (existsSync(node)) return node
  process.stderr.write(`Installing Node ${version} (about 130 MB on disk) …\n`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, allowScripts: { node: true } }))
  const { status } = spawnSync("npm", ["install", `node@${version}`], {
    cwd: folder,
    env: installEnvironment(),
    stdio: ["ignore", 2, 2]
  })
  if (status !== 0) fail(`Node ${version} could not be installed: see the output above.`)
  return node
}

ensureInstalled()
replaceBy(
  join(bin, "vitest"),
  ["run", "--project", "packages", ...process.argv.slice(2)],
  {
    cwd: root,
    env: { ...toolEnvironment(), MUSTER_TEST_NODES: versions.map(nodeOf).join(delimiter) }
  }
)
