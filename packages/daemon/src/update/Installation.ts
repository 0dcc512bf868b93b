import { basename, dirname, join, sep } from "node:path"

/** How this Muster was installed, which decides how it is updated. */
export type Installation =
  /** `npm install --global`: `folder` is the package's, below `prefix`. */
  | { readonly _tag: "Npm"; readonly prefix: string; readonly name: string; readonly folder: string }
  /** One executable. */
  | { readonly _tag: "SingleFile"; readonly path: string }
  /** Cannot be updated by the daemon. `message`: one sentence that names who updates it. */
  | { readonly _tag: "Fixed"; readonly message: string }

const fixed = (message: string): Installation => ({ _tag: "Fixed", message })

/** Returns the innermost package of a file below a `node_modules`. */
const packageOf = (file: string) => {
  const parts = file.split(sep)
  const at = parts.lastIndexOf("node_modules")
  if (at < 0) return undefined
  const words = parts[at + 1]?.startsWith("@") ? 2 : 1
  const name = parts.slice(at + 1, at + 1 + words)
  const modules = parts.slice(0, at + 1).join(sep)
  return { modules, name: name.join("/"), folder: join(modules, ...name) }
}

/**
 * Returns how Muster was installed, by its paths with links resolved: `main` is the file that runs, `executable` the program
 * that runs it.
 */
export const installationOf = (
  { executable, isSingleFile, main }: {
    readonly executable: string
    readonly isSingleFile: boolean
    readonly main: string
  }
): Installation => {
  if (isSingleFile) return { _tag: "SingleFile", path: executable }
  const found = packageOf(main)
  if (found === undefined) {
    return fixed(`this Muster runs from a checkout (${dirname(main)}): update it with git, then restart the daemon`)
  }
  const { folder, modules, name } = found
  if (modules.split(sep).includes("_npx")) {
    return fixed("this Muster was started by npx: stop it, and start the version you want with npx")
  }
  const lib = dirname(modules)
  return basename(lib) === "lib" && lib !== modules
    ? { _tag: "Npm", prefix: dirname(lib), name, folder }
    : fixed(`this Muster is a dependency of the project in ${lib}: update it there, then restart the daemon`)
}
