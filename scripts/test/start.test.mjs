// @ts-check
import { execFileSync, spawn } from "node:child_process"
import { appendFileSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { copyRepository } from "./support/copy.mjs"

const copy = mkdtempSync(join(tmpdir(), "muster-start-"))

/** Runs `npm start` in the copy until the server is up, then stops it; answers what it wrote, stderr and stdout apart. */
const start = () =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["scripts/start.mjs", "--port", "0", "--no-daemon"], {
      cwd: copy,
      env: { ...process.env, MUSTER_DATA: join(copy, "data"), NODE_ENV: "production" },
      stdio: ["ignore", "pipe", "pipe"]
    })
    const written = { stderr: "", stdout: "" }
    const see = (/** @type {"stderr" | "stdout"} */ name) => (/** @type {Buffer} */ chunk) => {
      written[name] += chunk
      if (written.stdout.includes("Muster is up")) child.kill("SIGTERM")
    }
    child.stderr.on("data", see("stderr"))
    child.stdout.on("data", see("stdout"))
    child.on("error", reject)
    child.on("close", (code) => resolve({ ...written, code }))
  })

/** The disk space of a folder in MB; a file with several links counts once. */
const sizeOf = (/** @type {string} */ folder) =>
  Number.parseInt(execFileSync("du", ["-sk", folder], { encoding: "utf8" }), 10) / 1024

const modules = join(copy, "node_modules")
const build = join(copy, "packages", "cli", "dist")
const main = join(build, "main.js")

describe("npm start in a clone", { timeout: 300_000 }, () => {
  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  it("F-21 shows at first what it does, step by step, and leaves only what running needs", async () => {
    copyRepository(copy)
    const { code, stderr, stdout } = await start()
    assert.strictEqual(code, 0, stderr)
    const steps = ["downloading", "Progress:", "Installed in", "Building Muster", "Built in"]
    const places = steps.map((step) => stderr.indexOf(step))
    assert.deepStrictEqual(places, places.toSorted((a, b) => a - b), stderr)
    assert.isAtLeast(Math.min(...places), 0, stderr)
    // What is for a program's eyes stays free of it.
    assert.notMatch(stdout, /Progress|Installed|Built/)
    assert.deepStrictEqual(readdirSync(modules).filter((name) => !name.startsWith(".")), [
      "@muster",
      "node",
      "opencode-ai"
    ])
    assert.deepStrictEqual(readdirSync(join(modules, ".bin")), ["muster", "node", "opencode"])
    for (const name of readdirSync(join(copy, "packages"))) {
      assert.isFalse(existsSync(join(copy, "packages", name, "node_modules")), name)
    }
    // It says how much there is, and of what.
    const said = (/** @type {RegExp} */ words) => Number(words.exec(stderr)?.[1])
    const own = (/** @type {string} */ name) => sizeOf(realpathSync(join(modules, name)))
    assert.approximately(sizeOf(modules) + sizeOf(build), said(/(\d+) MB stay on disk/), 5)
    assert.approximately(own("opencode-ai"), said(/opencode \D+ (\d+) MB/), 3)
    assert.approximately(own("node"), said(/Node (\d+) MB/), 3)
    assert.approximately(sizeOf(build), said(/Muster (\d+) MB/), 3)
  })

  it("F-21 starts without another build, and the command line runs the same", async () => {
    const before = statSync(main).mtimeMs
    const { code, stderr } = await start()
    assert.strictEqual(code, 0, stderr)
    assert.strictEqual(stderr, "")
    assert.strictEqual(statSync(main).mtimeMs, before)
    const muster = join(modules, ".bin", "muster")
    assert.match(execFileSync(muster, ["--version"], { encoding: "utf8" }), /\d+\.\d+\.\d+/)
  })

  it("F-21 builds again when a source has changed, and says so", async () => {
    appendFileSync(join(copy, "packages", "kit", "src", "index.ts"), "\n")
    const opencode = statSync(join(modules, "opencode-ai", "package.json")).ino
    const { code, stderr } = await start()
    assert.strictEqual(code, 0, stderr)
    assert.include(stderr, "Muster has changed: building it again")
    assert.strictEqual(statSync(join(modules, "opencode-ai", "package.json")).ino, opencode)
  })

  it("F-21 installs again what was removed", async () => {
    rmSync(modules, { recursive: true })
    const { code, stderr } = await start()
    assert.strictEqual(code, 0, stderr)
    assert.include(stderr, "First start: downloading")
  })
})
