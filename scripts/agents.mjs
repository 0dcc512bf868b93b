// `npm run test:agents [-- --all] [VITEST ARGUMENTS]`: tests with real agent CLIs, installed from npm at first use. `--all`: seven of
// them, started concurrently.
import { join } from "node:path"
import { bin, ensureInstalled, root, toolEnvironment } from "./install.mjs"
import { replaceBy } from "./replace.mjs"

const args = process.argv.slice(2)

ensureInstalled()
replaceBy(join(bin, "vitest"), ["run", "--project", "agents", ...args.filter((arg) => arg !== "--all")], {
  cwd: root,
  env: { ...toolEnvironment(), ...args.includes("--all") ? { MUSTER_TEST_AGENTS: "all" } : {} }
})
