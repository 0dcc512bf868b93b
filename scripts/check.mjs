// `npm run check`: every check of the sources that does not run them.
import { spawn } from "node:child_process"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { bin, bundledNode, ensureInstalled, root, toolEnvironment } from "./install.mjs"

ensureInstalled()

/** Its default is four, and each checks the shared files again: on two cores that is slower. */
const checkers = String(Math.min(4, availableParallelism()))
/** The next run checks only what changed and what depends on it; a fresh clone checks everything. */
const incremental = ["--incremental", "--tsBuildInfoFile", join(root, "node_modules", ".cache", "types.tsbuildinfo")]
const types = ["--project", "tsconfig.json", "--pretty", "false", "--checkers", checkers, ...incremental]

const checks = [
  { name: "types", program: join(bin, "tsc"), args: types },
  { name: "lint", program: join(bin, "oxlint"), args: ["--deny-warnings"] },
  { name: "format", program: join(bin, "dprint"), args: ["check"], hint: "npm run format fixes it" },
  { name: "unused", program: join(bin, "knip"), args: ["--no-progress", "--no-config-hints"] },
  { name: "architecture", program: bundledNode(), args: [join(root, "scripts", "architecture.mjs")] },
  { name: "requirements", program: bundledNode(), args: [join(root, "scripts", "requirements.mjs")] },
  {
    name: "docs",
    program: bundledNode(),
    args: [join(root, "packages", "docs", "src", "main.ts"), "check"],
    hint: "npm run docs writes the pages that are made from the code"
  }
]

const run = ({ program, args }) =>
  new Promise((resolve) => {
    const output = []
    const child = spawn(program, args, {
      cwd: root,
      env: { ...toolEnvironment(), NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"]
    })
    child.stdout.on("data", (chunk) => output.push(chunk))
    child.stderr.on("data", (chunk) => output.push(chunk))
    child.on("error", (error) => resolve({ passed: false, output: error.message }))
    child.on("close", (status) => resolve({ passed: status === 0, output: Buffer.concat(output).toString().trim() }))
  })

const results = await Promise.all(checks.map(async (check) => {
  const started = Date.now()
  const result = await run(check)
  return { ...check, ...result, seconds: ((Date.now() - started) / 1000).toFixed(1) }
}))

const failed = results.filter(({ passed }) => !passed)
for (const { name, output, hint } of failed) {
  process.stdout.write(`\n── ${name}${hint === undefined ? "" : ` (${hint})`}\n${output}\n`)
}
if (failed.length > 0) process.stdout.write("\n")
for (const { name, passed, seconds } of results) {
  process.stdout.write(`${passed ? "ok    " : "FAILED"} ${name} (${seconds} s)\n`)
}
process.exitCode = failed.length === 0 ? 0 : 1
