// Builds the console where it is missing or older than its sources. Started directly, it also prints how large the console is.
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { bin, bundledNode, ensureInstalled, fail, root, toolEnvironment } from "./install.mjs"

const folder = join(root, "packages", "console")
/** The folder of the built console. */
export const consolePages = join(folder, "dist", "pages")
const stampFile = join(consolePages, "built-from")

/** What the console is made of. */
const sources = ["packages/console", "packages/domain/src", "pnpm-lock.yaml"]
const left = new Set(["node_modules", "dist", "test", "scripts"])

const walk = (path, see) => {
  if (!lstatSync(path).isDirectory()) return see(path)
  for (const name of readdirSync(path)) {
    if (!left.has(name) && !name.startsWith("dist.")) walk(join(path, name), see)
  }
}

/** What a build is made of, as one hash: names, sizes and times, so that a look costs milliseconds. */
export const fingerprintOf = (paths) => {
  const hash = createHash("sha256")
  const see = (path) => {
    const { mtimeMs, size } = lstatSync(path)
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  for (const path of paths) walk(join(root, path), see)
  return hash.digest("hex")
}

const fingerprint = () => fingerprintOf(sources)

const isBuilt = (wanted) => existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted

/** The build goes into a folder of its own and replaces the old one atomically: no page gets half of it. */
const draft = () => join(folder, `dist.${process.pid}`)
const program = () => [bundledNode(), [join(bin, "..", "vite", "bin", "vite.js"), "build", "--outDir", draft()]]
// Whoever builds, a test runner too, gets what people get.
const environment = () => ({ ...toolEnvironment(), NODE_ENV: "production", NO_COLOR: "1" })
const options = () => ({ cwd: folder, env: environment(), stdio: ["ignore", "pipe", "pipe"] })

const finish = (wanted) => {
  writeFileSync(join(draft(), "built-from"), wanted)
  const old = `${draft()}.old`
  mkdirSync(dirname(consolePages), { recursive: true })
  if (existsSync(consolePages)) renameSync(consolePages, old)
  renameSync(draft(), consolePages)
  rmSync(old, { recursive: true, force: true })
}

const unbuilt = (output) => `${output}\nThe console could not be built: see its output above.`

/** Builds and waits. Ends the process with one sentence where that fails. */
export const ensureConsole = () => {
  const wanted = fingerprint()
  if (isBuilt(wanted)) return
  const [node, args] = program()
  const { status, stdout, stderr } = spawnSync(node, args, { ...options(), encoding: "utf8" })
  if (status === 0) return finish(wanted)
  rmSync(draft(), { recursive: true, force: true })
  fail(unbuilt(`${stdout || ""}${stderr || ""}`))
}

/** Builds concurrently with the rest of this process: until it is done, the page shows that. */
export const buildConsole = () => {
  const wanted = fingerprint()
  if (isBuilt(wanted)) return
  const output = []
  const [node, args] = program()
  process.stderr.write("Building the console in the background …\n")
  const child = spawn(node, args, options())
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(chunk))
  child.on("error", (error) => process.stderr.write(`The console could not be built: ${error.message}.\n`))
  child.on("close", (status) => {
    if (status === 0) {
      finish(wanted)
      process.stderr.write("The console is ready.\n")
      return
    }
    rmSync(draft(), { recursive: true, force: true })
    if (status !== null) process.stderr.write(`${unbuilt(Buffer.concat(output).toString())}\n`)
  })
  process.on("exit", () => {
    if (child.exitCode !== null) return
    child.kill()
    rmSync(draft(), { recursive: true, force: true })
  })
}

/** Scripts and styles that the first page needs (what index.html names), and all of them: bytes after gzip. */
export const consoleSize = () => {
  const page = readFileSync(join(consolePages, "index.html"), "utf8")
  const assets = join(consolePages, "assets")
  const size = (name) => gzipSync(readFileSync(join(assets, name)), { level: 9 }).length
  const files = readdirSync(assets).filter((name) => /\.(?:js|css)$/.test(name)).map((name) => ({
    name,
    bytes: size(name),
    first: page.includes(`/assets/${name}`)
  }))
  const sum = (which) => files.filter(which).reduce((total, { bytes }) => total + bytes, 0)
  return {
    files,
    firstScripts: sum(({ first, name }) => first && name.endsWith(".js")),
    scripts: sum(({ name }) => name.endsWith(".js")),
    all: sum(() => true)
  }
}

const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`

/** Prints how large the built console is. */
export const printConsoleSize = () => {
  const { all, files, firstScripts } = consoleSize()
  for (const { bytes, first, name } of files) {
    process.stdout.write(`${kB(bytes).padStart(9)}  ${name}${first ? "  (first page)" : ""}\n`)
  }
  process.stdout.write(`${kB(firstScripts)} of script for the first page, ${kB(all)} in all, after gzip.\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled()
  ensureConsole()
  printConsoleSize()
}
