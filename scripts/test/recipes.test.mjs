// @ts-check
import { execFileSync, spawn, spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { bin, bundledNode, root, toolEnvironment } from "../install.mjs"
import { blocksOf } from "./support/blocks.mjs"
import { copyRepository, linkModules, linkNewPackage } from "./support/copy.mjs"

const copy = mkdtempSync(join(tmpdir(), "muster-recipes-"))

/** The lines of a hunk that begin with one of these signs, without the sign, as they are in a file. */
const linesOf = (/** @type {string} */ hunk, /** @type {string} */ signs) =>
  hunk.split("\n").filter((line) => line !== "" && signs.includes(line[0] ?? "")).map((line) => `${line.slice(1)}\n`)
    .join("")

/** Makes the changes of one `diff` block. Line numbers do not count: each hunk's old lines must be in the file once. */
const applyDiff = (/** @type {string} */ diff) => {
  for (const change of diff.split(/^--- a\/.*\n\+\+\+ b\//m).slice(1)) {
    const [path = "", ...hunks] = change.split(/^@@.*\n|\n(?=@@)/m).map((part) => part.trimEnd())
    let text = readFileSync(join(copy, path), "utf8")
    for (const hunk of hunks.filter((hunk) => hunk !== "")) {
      const before = linesOf(hunk, " -")
      assert.strictEqual(text.split(before).length, 2, `${path} does not have these lines once:\n${before}`)
      text = text.replace(before, () => linesOf(hunk, " +"))
    }
    writeFileSync(join(copy, path), text)
  }
}

const applyRecipes = () => {
  const page = readFileSync(join(root, "docs/extending.md"), "utf8")
  for (const { language, path, text } of blocksOf(page)) {
    if (language === "diff") applyDiff(text)
    else if (path !== undefined) {
      mkdirSync(dirname(join(copy, path)), { recursive: true })
      writeFileSync(join(copy, path), text)
    }
  }
}

/** A CLI as the first recipe describes it: on PATH, it prints one model per line. */
const exampleCli = () => {
  const folder = join(copy, "bin")
  mkdirSync(folder)
  writeFileSync(
    join(folder, "example"),
    "#!/bin/sh\n[ \"$1\" = --version ] && echo 1.2.3 || printf 'one First\\ntwo\\n'\n"
  )
  chmodSync(join(folder, "example"), 0o755)
  return folder
}

const home = join(copy, "home")

const environment = () => ({
  ...toolEnvironment(),
  HOME: home,
  SHELL: "/bin/false",
  MUSTER_DATA: join(home, "data"),
  MUSTER_LOCAL_PORT: "0"
})

/** What the tests of the new store say. */
const runStoreTests = () => {
  const report = join(copy, "report.json")
  const args = ["run", "--project", "unit", "packages/store-sqlite", "--reporter=json", `--outputFile=${report}`]
  spawnSync(bundledNode(), [join(copy, "node_modules/vitest/vitest.mjs"), ...args], {
    cwd: copy,
    env: toolEnvironment(),
    stdio: "ignore"
  })
  const { numFailedTests, numPassedTests } = JSON.parse(readFileSync(report, "utf8"))
  rmSync(report)
  return { passed: numPassedTests, failed: numFailedTests }
}

const main = join(copy, "packages/cli/src/main.ts")

/** Server and daemon of the copy in one process; answers the address once it is up. */
const startDev = async () => {
  const folder = exampleCli()
  const child = spawn(bundledNode(), [main, "dev", "--port", "0"], {
    env: { ...environment(), PATH: `${folder}:/usr/bin:/bin` },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let told = ""
  child.stderr.on("data", (chunk) => (told += chunk))
  for await (const line of createInterface({ input: child.stdout })) {
    told += `${line}\n`
    const url = /Muster is up: (\S+)/.exec(told)?.[1]
    if (url !== undefined && /online\s+example\s+1\.2\.3/.test(told)) return { child, url }
  }
  throw new Error(`the copy did not start:\n${told}`)
}

describe("F-22 the recipes of docs/extending.md, applied to a copy", { timeout: 300_000 }, () => {
  beforeAll(() => {
    copyRepository(copy)
    linkModules(copy)
    applyRecipes()
    linkNewPackage(copy, "packages/store-sqlite")
  })
  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  it("type-check", () => {
    // The sources that a recipe changes and all that import them; tests and console have their own check.
    const sources = ["cli", "daemon", "domain", "server", "store-redis", "store-sqlite"]
    const include = [...sources.map((name) => `packages/${name}/src`), "packages/store-sqlite/test"]
    writeFileSync(join(copy, "tsconfig.recipes.json"), JSON.stringify({ extends: "./tsconfig.base.json", include }))
    // One checker: each further one judges again what they share, which costs twice the time of the processors.
    const args = ["--project", "tsconfig.recipes.json", "--pretty", "false", "--checkers", "1"]
    execFileSync(join(bin, "tsc"), args, {
      cwd: copy,
      env: toolEnvironment(),
      stdio: ["ignore", 2, 2]
    })
  })

  it("keep to the rules of the architecture", () => {
    execFileSync(bundledNode(), [join(copy, "scripts/architecture.mjs")], { stdio: ["ignore", 2, 2] })
  })

  it("test: the new store does what its contract's suite asks", () => {
    const { failed, passed } = runStoreTests()
    assert.strictEqual(failed, 0)
    assert.isAbove(passed, 0)
    // A store that lets a late write win is refused.
    const file = join(copy, "packages/store-sqlite/src/ModelCatalogueSqlite.ts")
    const text = readFileSync(file, "utf8")
    writeFileSync(file, text.replace(" WHERE excluded.at >= lists.at", ""))
    assert.strictEqual(runStoreTests().failed, 1)
    writeFileSync(file, text)
  })

  it("run: the new provider lists its models, the new kind is answered", async () => {
    mkdirSync(home)
    const { child, url } = await startDev()
    const ended = new Promise((resolve) => child.on("close", resolve))
    try {
      const models = JSON.parse(
        execFileSync(bundledNode(), [main, "models", "example", "--json"], { env: environment(), encoding: "utf8" })
      )
      assert.deepStrictEqual(models.models.map((/** @type {{ id: string }} */ { id }) => id), ["one", "two"])

      const token = readFileSync(join(home, "data/token"), "utf8").trim()
      const call = async (/** @type {string} */ path, method = "GET") => {
        const response = await fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } })
        return response.json()
      }
      const [{ id: workspace }] = await call("/api/workspaces")
      const [{ id: runtime }] = await call(`/api/runtimes?workspace_id=${workspace}`)
      const asked = await call(`/api/runtimes/${runtime}/uptime?workspace_id=${workspace}`, "POST")
      const answered = await call(`/api/runtimes/${runtime}/uptime/${asked.id}?workspace_id=${workspace}&wait=20`)
      assert.strictEqual(answered.status, "completed", JSON.stringify([asked, answered]))
      assert.isAbove(answered.seconds, 0)
    } finally {
      child.kill("SIGTERM")
      await ended
    }
  })
})
