// @ts-check
import { execFileSync, spawn } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { isBuiltin } from "node:module"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { bin, bundledNode, installEnvironment, root, toolEnvironment } from "../install.mjs"
import { packageOf, published } from "../packages.mjs"
import { blocksOf } from "./support/blocks.mjs"
import { describeExecutable } from "./support/executable.mjs"
import { startRegistry } from "./support/registry.mjs"
import { run } from "./support/run.mjs"

/** Nodes besides the bundled one: `npm run test:packages` names them. */
const nodes = [bundledNode(), ...(process.env.MUSTER_TEST_NODES ?? "").split(delimiter).filter((path) => path !== "")]

const versionOf = (/** @type {string} */ node) => execFileSync(node, ["--version"], { encoding: "utf8" }).trim()

const folder = mkdtempSync(join(tmpdir(), "muster-packages-"))

const inFolder = (/** @type {string} */ name) => {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  return path
}

/** @type {ReadonlyArray<{ readonly path: string, readonly manifest: Record<string, any> }>} */
let packages = []
/** @type {{ url: string, close: () => void }} */
let registry

const npmConfig = (/** @type {string} */ name) =>
  execFileSync("npm", ["config", "get", name], { cwd: root, encoding: "utf8" }).trim()

/** This process's variables without what describes the workspace and the test run. */
const own = Object.fromEntries(
  Object.entries(installEnvironment()).filter(([name]) =>
    !/^(?:MUSTER|VITEST|INIT_CWD$|NODE_ENV$|NODE_OPTIONS$)/.test(name)
  )
)

/**
 * A stranger's environment: an empty home, npm with this registry, and this Node. Downloads are shared with the person's npm;
 * what `npx` installed is not: an earlier run's Muster has the same version.
 */
const stranger = (/** @type {string} */ home, node = bundledNode()) => ({
  ...own,
  HOME: inFolder(home),
  PATH: [dirname(node), ...(process.env.PATH ?? "").split(delimiter).filter((path) => !path.startsWith(root))]
    .join(delimiter),
  SHELL: "/bin/false",
  MUSTER_LOCAL_PORT: "0",
  npm_config_userconfig: npmConfig("userconfig"),
  npm_config_globalconfig: npmConfig("globalconfig"),
  npm_config_registry: registry.url,
  npm_config_cache: join(folder, "npm"),
  npm_config_prefer_offline: "true"
})

const filesBelow = (/** @type {string} */ path) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** What a declaration imports. */
const importsOf = (/** @type {string} */ text) =>
  [...text.matchAll(/(?:^(?:import|export) [^"]*from |\bimport\()"([^"]+)"/gm)].map(([, name = ""]) => name)

/** A CLI that answers what is asked of OpenCode. */
const exampleCli = () => {
  const path = join(inFolder("clis"), "opencode")
  writeFileSync(path, "#!/bin/sh\n[ \"$1\" = --version ] && echo 9.9.9 || printf 'fake/one\\nfake/two\\n'\n", {
    mode: 0o755
  })
  return path
}

const install = async (
  /** @type {string} */ project,
  /** @type {ReadonlyArray<string>} */ names,
  /** @type {any} */ env
) => {
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }))
  await run("npm", ["install", "--omit=dev", ...names], { cwd: project, env })
}

/** Starts `npx muster dev`, and resolves once the agent CLI is online. */
const startDev = async (/** @type {string} */ project, /** @type {any} */ env) => {
  const child = spawn("npx", ["--yes", `muster@${packages[0]?.manifest.version}`, "dev", "--port", "0"], {
    cwd: project,
    env: { ...env, MUSTER_OPENCODE_PATH: exampleCli() },
    // npx has a shell between: Ctrl-C reaches the group of processes.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"]
  })
  let told = ""
  child.stderr.on("data", (chunk) => (told += chunk))
  for await (const line of createInterface({ input: child.stdout })) {
    told += `${line}\n`
    const url = /Muster is up: (\S+)/.exec(told)?.[1]
    if (url !== undefined && /online\s+opencode\s+9\.9\.9/.test(told)) return { child, url }
  }
  throw new Error(`muster dev did not start:\n${told}`)
}

beforeAll(async () => {
  const written = execFileSync(bundledNode(), [join(root, "scripts/pack.mjs")], {
    env: toolEnvironment(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", 2]
  })
  packages = written.trim().split("\n").map((path) => ({
    path,
    manifest: JSON.parse(execFileSync("tar", ["-xzOf", path, "package/package.json"], { encoding: "utf8" }))
  }))
  registry = await startRegistry(packages, npmConfig("registry"))
  mkdirSync(inFolder("npm"), { recursive: true })
  mkdirSync(join(npmConfig("cache"), "_cacache"), { recursive: true })
  symlinkSync(join(npmConfig("cache"), "_cacache"), join(folder, "npm", "_cacache"))
}, 600_000)
afterAll(() => {
  registry?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe("the published packages", { timeout: 600_000 }, () => {
  it("P-01 contain a license, a description and built files, and depend on versions", () => {
    assert.strictEqual(packages.length, published.length)
    for (const { manifest, path } of packages) {
      const files = execFileSync("tar", ["-tzf", path], { encoding: "utf8" }).trim().split("\n")
      assert.includeMembers(files, ["package/LICENSE", "package/README.md", "package/package.json"], path)
      // Pages of the documentation link to some sources, which are texts there.
      const own = files.filter((file) => !file.startsWith("package/dist/pages/help/files/"))
      assert.deepStrictEqual(own.filter((file) => /(?<!\.d)\.tsx?$|\/src\//.test(file)), [], path)
      for (const [name, range] of Object.entries(manifest.dependencies)) assert.match(range, /^\d/, `${path}: ${name}`)
      const pages = files.filter((file) => /^package\/dist\/pages\/(?:help\/)?index\.html$/.test(file))
      assert.strictEqual(pages.length, /^(?:muster|@muster\/server)$/.test(manifest.name) ? 2 : 0, path)
    }
  })

  it("P-01 read no file next to their own that they do not contain", () => {
    const missing = packages.flatMap(({ manifest, path }) => {
      const own = inFolder(join("files", manifest.name))
      execFileSync("tar", ["-xzf", path, "-C", own, "--strip-components=1"])
      return filesBelow(own).filter((file) => file.endsWith(".js")).flatMap((file) =>
        [...readFileSync(file, "utf8").matchAll(/new URL\(["'`](\.\.?\/[^"'`$]+)["'`],\s*import\.meta\.url\)/g)]
          .filter(([, name = ""]) => !existsSync(join(dirname(file), name)))
          .map(([text]) => `${file}: ${text}`)
      )
    })
    assert.deepStrictEqual(missing, [])
  })

  it("P-02 have declarations whose imports lead to published declarations", () => {
    const declared = packages.filter(({ manifest }) => manifest.name !== "muster")
    const unpacked = inFolder("unpacked")
    for (const { manifest, path } of declared) {
      execFileSync("tar", ["-xzf", path, "-C", inFolder(join("unpacked", manifest.name)), "--strip-components=1"])
    }
    const lost = declared.flatMap(({ manifest }) => {
      const own = join(unpacked, manifest.name)
      const dependencies = new Set([manifest.name, ...Object.keys(manifest.dependencies), "@types/node"])
      return filesBelow(own).filter((file) => file.endsWith(".d.ts")).flatMap((file) =>
        importsOf(readFileSync(file, "utf8")).filter((name) => {
          if (name.startsWith(".")) return !existsSync(join(dirname(file), name.replace(/\.tsx?$/, ".d.ts")))
          if (isBuiltin(name)) return false
          const inside = name.startsWith("@muster/") ? name.split("/").slice(2).join("/") : ""
          const target = join(unpacked, packageOf(name), "dist", `${inside}.d.ts`)
          return !dependencies.has(packageOf(name)) || (inside !== "" && !existsSync(target))
        }).map((name) => `${file}: ${name}`)
      )
    })
    assert.deepStrictEqual(lost, [])
  })

  for (const [at, node] of nodes.entries()) {
    const about = versionOf(node)

    it(`P-01 npx muster dev runs outside the repository with an empty home, and an agent lists its models (${about})`, async () => {
      const env = stranger(`home-${at}`, node)
      const project = inFolder(`project-${at}`)
      await install(project, ["muster"], env)
      const muster = (/** @type {ReadonlyArray<string>} */ ...args) =>
        run("npx", ["muster", ...args], { cwd: project, env })
      assert.strictEqual(await muster("--version"), `muster v${packages.at(-1)?.manifest.version}\n`)
      // An empty folder: npx downloads it.
      const { child, url } = await startDev(inFolder(`empty-${at}`), env)
      const ended = new Promise((resolve) => child.on("close", resolve))
      try {
        const page = await (await fetch(url)).text()
        assert.include(page, "<title>Muster</title>")
        const help = await (await fetch(new URL("/help/second-machine.html", url))).text()
        assert.include(help, "Tutorial: a second machine")
        const { models } = JSON.parse(await muster("models", "opencode", "--json"))
        assert.deepStrictEqual(models.map((/** @type {{ id: string }} */ { id }) => id), ["fake/one", "fake/two"])
        const [runtime] = JSON.parse(await muster("runtimes", "--json")).runtimes
        assert.strictEqual(runtime.status, "online")
      } finally {
        process.kill(-(child.pid ?? 0), "SIGINT")
        await ended
      }
      const sources = filesBelow(join(project, "node_modules", "muster")).filter((file) => /(?<!\.d)\.tsx?$/.test(file))
      assert.deepStrictEqual(sources, [])
    })

    it(`P-02 a project composes a server as docs/embedding.md shows, type-checks and runs (${about})`, async () => {
      const env = stranger(`home-${at}`, node)
      const project = inFolder(`embedding-${at}`)
      const page = readFileSync(join(root, "docs/embedding.md"), "utf8")
      const blocks = blocksOf(page)
      const [, names = ""] = /npm install (.+)/.exec(blocks.find(({ language }) => language === "sh")?.text ?? "") ?? []
      await install(project, [...names.split(" "), "@types/node@26.6.6"], env)
      for (const { path, text } of blocks.filter(({ path }) => path !== undefined)) {
        mkdirSync(join(project, dirname(path ?? "")), { recursive: true })
        writeFileSync(join(project, path ?? ""), text)
      }
      const compilerOptions = {
        strict: true,
        skipLibCheck: true,
        module: "nodenext",
        target: "es2023",
        types: ["node"],
        rootDir: "src",
        outDir: "built"
      }
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }))
      await run(join(bin, "tsc"), ["--project", project], { cwd: project, env: toolEnvironment() })
      const told = await run(node, ["built/test.js"], { cwd: project, env })
      assert.match(told, /^the server at http:\/\/127\.0\.0\.1:\d+ answers$/m)
    })
  }
})

describeExecutable()
