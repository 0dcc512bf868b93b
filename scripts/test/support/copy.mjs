// @ts-check
import { execFileSync } from "node:child_process"
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync
} from "node:fs"
import { dirname, join } from "node:path"
import { root } from "../../install.mjs"

const linkPackage = (/** @type {string} */ copy, /** @type {string} */ folder) => {
  const from = join(root, folder, "node_modules")
  if (!existsSync(from)) return
  const link = (/** @type {string} */ name) => {
    const to = join(copy, folder, "node_modules", name)
    mkdirSync(dirname(to), { recursive: true })
    const real = realpathSync(join(from, name))
    const inside = real.startsWith(join(root, "packages")) ? real.slice(root.length) : undefined
    // What an installation cached in a package's folder is no package of the workspace.
    symlinkSync(inside === undefined || inside.includes("node_modules") ? real : join(copy, inside), to)
  }
  for (const name of readdirSync(from)) {
    if (name.startsWith("@") && !lstatSync(join(from, name)).isSymbolicLink()) {
      for (const scoped of readdirSync(join(from, name))) link(join(name, scoped))
    } else link(name)
  }
}

/** Copies every file of the repository into a folder as it is now, changes that are not committed included. */
export const copyRepository = (/** @type {string} */ copy) => {
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8"
  })
  for (const path of files.split("\0").filter((path) => path !== "" && existsSync(join(root, path)))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    copyFileSync(join(root, path), join(copy, path))
  }
}

/** Links the dependencies of a copy: the workspace's own lead into the copy, all others to what is installed here. */
export const linkModules = (/** @type {string} */ copy) => {
  linkPackage(copy, "")
  for (const name of readdirSync(join(root, "packages"))) linkPackage(copy, join("packages", name))
}

/** Links what the manifest of a new package of the copy names, from packages that have it; an install does the same. */
export const linkNewPackage = (/** @type {string} */ copy, /** @type {string} */ folder) => {
  const { name: own, dependencies, devDependencies } = JSON.parse(
    readFileSync(join(copy, folder, "package.json"), "utf8")
  )
  const packages = readdirSync(join(copy, "packages")).map((name) => join(copy, "packages", name))
  const modules = packages.map((path) => join(path, "node_modules"))
  const place = (/** @type {string} */ name, /** @type {string} */ target) => {
    const to = join(copy, folder, "node_modules", name)
    mkdirSync(dirname(to), { recursive: true })
    symlinkSync(target, to)
  }
  place(own, join(copy, folder))
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    const local = join(copy, "packages", name.replace("@muster/", ""))
    const found = [local, ...modules.map((path) => join(path, name))].find((path) => existsSync(path))
    if (found === undefined) throw new Error(`no package here has ${name}`)
    place(name, realpathSync(found))
  }
}
