// `npm test`: every test of every package, real servers and real agent CLIs included, but those of the published packages
// (`npm run test:packages`). Arguments go to vitest.
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ensureChromium } from "./chromium.mjs"
import { ensureConsole } from "./console.mjs"
import { bin, ensureInstalled, root, toolEnvironment } from "./install.mjs"
import { ensureNginx, ensureOpenssl } from "./nginx.mjs"
import { ensurePgBouncer } from "./pgbouncer.mjs"
import { ensurePostgres } from "./postgres.mjs"
import { ensureRedis } from "./redis.mjs"
import { ensureBuild } from "./runnable.mjs"
import { closingLine } from "./test-report.mjs"

ensureInstalled()
if (!process.env.MUSTER_TEST_DATABASE_URL) ensurePostgres()
ensurePgBouncer()
ensureNginx()
ensureOpenssl()
ensureRedis()
ensureChromium()
ensureConsole()

// Tests of processes run the sources where some tests are chosen. All of them run a build, for which a process of theirs needs half of the
// processor time.
const chosen = process.argv.slice(2)
const main = chosen.length === 0 ? { MUSTER_TEST_MAIN: await ensureBuild() } : {}

const folder = mkdtempSync(join(tmpdir(), "muster-test-"))
const report = join(folder, "report.json")

const child = spawn(
  join(bin, "vitest"),
  [
    "run",
    "--project=!packages",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...chosen
  ],
  { cwd: root, env: { ...toolEnvironment(), ...main }, stdio: ["ignore", "inherit", "inherit"] }
)

// A terminal's Ctrl-C reaches vitest by itself; this process only waits for it, so that the report's folder goes too.
process.on("SIGINT", () => undefined)
process.on("SIGTERM", () => child.kill("SIGTERM"))

child.on("error", (error) => {
  process.stderr.write(`vitest could not be started: ${error.message}.\n`)
  process.exitCode = 1
})
child.on("close", (status) => {
  let text
  try {
    text = readFileSync(report, "utf8")
  } catch {
    text = undefined // vitest ended before it could write one
  }
  rmSync(folder, { recursive: true, force: true })
  process.stdout.write(`${closingLine(text, status)}\n`)
  process.exitCode = status === 0 ? 0 : status || 1
})
