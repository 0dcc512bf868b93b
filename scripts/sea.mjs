// Writes one executable for this system, which contains this Node and a built command line, and its SHA256SUMS into a folder.
// `npm run executable` starts it under the bundled Node. The executable has the name that `muster update` downloads.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { parseArgs } from "node:util"
import { constants, zstdCompressSync } from "node:zlib"
import { rolldown } from "rolldown"
import { root } from "./install.mjs"
import { filesBelow, manifestOf, pgliteFiles } from "./packages.mjs"

/**
 * `--dist`: a built command line. `--version`: its version. `--out`: the folder that is written. `--node` and `--target`: a Node of
 * this version for another system, and that system as `PLATFORM-ARCH`, for example linux-arm64.
 */
const { values: { dist, node, out: folder, target, version } } = parseArgs({
  options: {
    node: { type: "string", default: process.execPath },
    target: { type: "string", default: `${process.platform}-${process.arch}` },
    dist: { type: "string", default: join(root, "packages", "cli", "dist") },
    version: { type: "string", default: manifestOf("cli").version },
    out: { type: "string", default: join(root, "artifacts", "executable") }
  }
})

/**
 * What the package needs at run time, without source maps, in the layout of the package: the bundle looks for the console in
 * `../dist/pages`.
 */
const contents = () => {
  const bundle = filesBelow(dist).filter((file) => !file.endsWith(".map"))
    .map((file) => [join("dist", relative(dist, file)), file])
  const database = pgliteFiles().map(([path, file]) => [join("node_modules", path), file])
  return [...bundle, ...database].map(([path, file]) => [path, readFileSync(file)])
}

/** The format that `packages/cli/src/ExecutableMain.ts` reads. */
const archiveOf = (files) => {
  const list = Buffer.from(JSON.stringify(files.map(([path, bytes]) => [path, bytes.length])))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(list.length)
  return zstdCompressSync(Buffer.concat([length, list, ...files.map(([, bytes]) => bytes)]), {
    params: { [constants.ZSTD_c_compressionLevel]: 12 }
  })
}

const writeMain = async () => {
  const bundle = await rolldown({ cwd: root, input: { main: "packages/cli/src/ExecutableMain.ts" }, platform: "node" })
  await bundle.write({ dir: folder, format: "cjs", entryFileNames: "[name].cjs" })
  await bundle.close()
}

/** Writes the executable and returns its path. */
const writeExecutable = async () => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await writeMain()
  // The main script of an executable has no `import()` of files; a file has.
  const load = Buffer.from("module.exports = (url) => import(url)\n")
  const archive = archiveOf([...contents(), ["load.cjs", load], [
    "package.json",
    Buffer.from("{\"type\":\"module\"}\n")
  ]])
  const sum = createHash("sha256").update(archive).digest("hex")
  writeFileSync(join(folder, "archive"), archive)
  writeFileSync(join(folder, "id"), `${version}-${sum.slice(0, 16)}`)
  const name = `muster-${target}${target.startsWith("win32") ? ".exe" : ""}`
  const output = join(folder, name)
  const config = join(folder, "sea.json")
  writeFileSync(
    config,
    JSON.stringify({
      main: join(folder, "main.cjs"),
      output,
      executable: node,
      disableExperimentalSEAWarning: true,
      assets: { archive: join(folder, "archive"), id: join(folder, "id") }
    })
  )
  const { status, stderr, stdout } = spawnSync(process.execPath, ["--build-sea", config], { encoding: "utf8" })
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
  for (const part of ["main.cjs", "archive", "id", "sea.json"]) rmSync(join(folder, part))
  const digest = createHash("sha256").update(readFileSync(output)).digest("hex")
  writeFileSync(join(folder, "SHA256SUMS"), `${digest}  ${name}\n`)
  return output
}

process.stdout.write(`${await writeExecutable()}\n`)
