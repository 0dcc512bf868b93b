// `npm run build`: the console, the documentation, and `dist` of every published package: ES modules with source maps, and declarations.
import { spawn } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { consolePages, ensureConsole, printConsoleSize } from "./console.mjs"
import { bin, bundledNode, ensureInstalled, fail, root, toolEnvironment } from "./install.mjs"
import { published } from "./packages.mjs"

const artifacts = join(root, "artifacts")
const types = join(artifacts, "types")

/** Runs a program. Ends the process with its output and one sentence where it fails. */
export const run = (what, program, args) =>
  new Promise((resolve) => {
    const output = []
    const child = spawn(program, args, {
      cwd: root,
      env: { ...toolEnvironment(), NODE_ENV: "production", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"]
    })
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(chunk))
    child.on("error", ({ message }) => fail(`${what} could not be made: ${message}.`))
    child.on("close", (status) => {
      if (status === 0) resolve(undefined)
      else fail(`${Buffer.concat(output)}\n${what} could not be made: see the output above.`)
    })
  })

/**
 * Writes the declarations of all packages in one run of the compiler, each below `artifacts/types/PACKAGE/src`. It names every source:
 * one that the compiler first reaches through `node_modules` counts as another package's, and is left out.
 */
const writeDeclarations = () => {
  rmSync(types, { recursive: true, force: true })
  const project = join(artifacts, "tsconfig.types.json")
  const files = published.filter((one) => one.types).flatMap(({ folder }) => {
    const source = join(root, "packages", folder, "src")
    return readdirSync(source, { recursive: true }).filter((name) => name.endsWith(".ts")).map((name) =>
      join(source, name)
    )
  })
  writeFileSync(project, JSON.stringify({ extends: "../tsconfig.build.json", files }))
  return run("The declarations", join(bin, "tsc"), ["--project", project, "--pretty", "false"])
}

/** The bundle of a package until it is complete: no reader of `dist` gets half of it. */
export const draftOf = (folder) => join(root, "packages", folder, `dist.${process.pid}`)

const writeBundles = () =>
  run("The bundles", bundledNode(), [
    join(root, "scripts", "bundle.mjs"),
    JSON.stringify(published.map(({ folder }) => [folder, draftOf(folder)]))
  ])

const archive = join(artifacts, "database.zst")

/** Writes the archive of a database without data. */
export const writeDatabase = (file) =>
  run("The archive of the database", bundledNode(), [
    join(root, "packages", "store-postgres", "src", "pglite", "pack.ts"),
    file
  ])

const help = join(artifacts, "help")

/** The documentation, as every server serves it. */
const writeHelp = () =>
  run("The documentation", bundledNode(), [join(root, "packages", "docs", "src", "main.ts"), "site", help, "/help/"])

/** Puts a complete draft in the place of `dist`. */
export const replaceDist = (folder, draft) => {
  const dist = join(root, "packages", folder, "dist")
  const old = `${draft}.old`
  if (existsSync(dist)) renameSync(dist, old)
  renameSync(draft, dist)
  rmSync(old, { recursive: true, force: true })
}

const assemble = ({ database, folder, pages, types: typed }) => {
  const draft = draftOf(folder)
  if (typed) cpSync(join(types, folder, "src"), draft, { recursive: true })
  if (pages) {
    cpSync(consolePages, join(draft, "pages"), { recursive: true })
    cpSync(help, join(draft, "pages", "help"), { recursive: true })
  }
  if (database) cpSync(archive, join(draft, "database.zst"))
  replaceDist(folder, draft)
}

/** Builds everything. Ends the process with one sentence where that fails. */
export const build = async () => {
  ensureConsole()
  mkdirSync(artifacts, { recursive: true })
  process.on("exit", () => {
    for (const { folder } of published) rmSync(draftOf(folder), { recursive: true, force: true })
  })
  await Promise.all([writeDeclarations(), writeBundles(), writeDatabase(archive), writeHelp()])
  published.forEach(assemble)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled()
  const started = Date.now()
  await build()
  printConsoleSize()
  process.stdout.write(
    `Built ${published.map(({ folder }) => folder).join(", ")} in ${((Date.now() - started) / 1000).toFixed(1)} s.\n`
  )
}
