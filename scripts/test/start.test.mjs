// @ts-check
import { execFileSync, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { copyRepository } from "./support/copy.mjs"

const copy = mkdtempSync(join(tmpdir(), "muster-start-"))

/** Runs `npm start` in the copy until the console is built, then stops it; answers what it wrote, stderr and stdout apart. */
const firstStart = () =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["scripts/start.mjs", "--port", "0", "--no-daemon"], {
      cwd: copy,
      env: { ...process.env, MUSTER_DATA: join(copy, "data"), NODE_ENV: "production" },
      stdio: ["ignore", "pipe", "pipe"]
    })
    const written = { stderr: "", stdout: "" }
    const see = (/** @type {"stderr" | "stdout"} */ name) => (/** @type {Buffer} */ chunk) => {
      written[name] += chunk
      if (written.stderr.includes("The console is ready.") && written.stdout.includes("Muster is up")) {
        child.kill("SIGTERM")
      }
    }
    child.stderr.on("data", see("stderr"))
    child.stdout.on("data", see("stdout"))
    child.on("error", reject)
    child.on("close", (code) => resolve({ ...written, code }))
  })

/** The disk space of a folder in MB; a file with several links counts once. */
const sizeOf = (/** @type {string} */ folder) =>
  Number.parseInt(execFileSync("du", ["-sk", folder], { encoding: "utf8" }), 10) / 1024

describe("the first npm start", { timeout: 300_000 }, () => {
  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  it("F-21 shows what it does, step by step, and installs only what running needs", async () => {
    copyRepository(copy)
    const { code, stderr, stdout } = await firstStart()
    assert.strictEqual(code, 0, stderr)
    const steps = [
      "downloading",
      "Progress:",
      "Installed in",
      "Preparing the embedded database",
      "Building the console"
    ]
    const places = steps.map((step) => stderr.indexOf(step))
    assert.deepStrictEqual(places, places.toSorted((a, b) => a - b), stderr)
    assert.isAtLeast(Math.min(...places), 0, stderr)
    // What is for a program's eyes stays free of it.
    assert.notMatch(stdout, /Progress|Installed/)
    const installed = readdirSync(join(copy, "node_modules"))
    assert.includeMembers(installed, ["node", "opencode-ai", "vite"])
    for (const tool of ["typescript", "vitest", "oxlint", "dprint"]) assert.notInclude(installed, tool)
    assert.isFalse(existsSync(join(copy, "packages/bench/node_modules")))
    // It says how much there will be, and of what.
    const modules = join(copy, "node_modules")
    const said = (/** @type {RegExp} */ words) => Number(words.exec(stderr)?.[1])
    const own = (/** @type {string} */ name) => sizeOf(realpathSync(join(modules, name)))
    assert.approximately(sizeOf(modules), said(/about (\d+) MB on disk/), 15)
    assert.approximately(own("opencode-ai"), said(/opencode \D+ (\d+) MB/), 3)
    assert.approximately(own("node"), said(/Node (\d+) MB/), 3)
    assert.approximately(own("../packages/cli/node_modules/effect"), said(/Effect (\d+) MB/), 3)
  })
})
