// `npm run pack`: builds, then writes a tarball of every published package and their SHA256SUMS to `artifacts/packages`.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "./build.mjs"
import { ensureInstalled, fail, installEnvironment, pnpm, root } from "./install.mjs"
import { manifestOf, nameOf, published } from "./packages.mjs"

/** The folder of the tarballs. */
export const tarballs = join(root, "artifacts", "packages")

/** Builds all packages and packs them. Returns the path of each tarball by the name of its package. */
export const pack = async () => {
  await build()
  rmSync(tarballs, { recursive: true, force: true })
  mkdirSync(tarballs, { recursive: true })
  const chosen = published.flatMap(({ folder }) => ["--filter", `./packages/${folder}`])
  const hooks = `--config.pnpmfile=${join(root, "scripts", "pack-hooks.mjs")}`
  const args = ["--yes", pnpm, hooks, ...chosen, "pack", "--pack-destination", tarballs]
  const { status, stderr, stdout } = spawnSync("npx", args, { cwd: root, env: installEnvironment(), encoding: "utf8" })
  if (status !== 0) fail(`${stdout}${stderr}\nThe packages could not be packed: see the output above.`)
  const files = readdirSync(tarballs).sort()
  const sums = files.map((name) => {
    const sum = createHash("sha256").update(readFileSync(join(tarballs, name))).digest("hex")
    return `${sum}  ${name}\n`
  })
  writeFileSync(join(tarballs, "SHA256SUMS"), sums.join(""))
  return Object.fromEntries(published.map(({ folder }) => {
    const manifest = manifestOf(folder)
    const name = nameOf(manifest)
    return [name, join(tarballs, `${name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`)]
  }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled()
  for (const path of Object.values(await pack())) process.stdout.write(`${path}\n`)
}
