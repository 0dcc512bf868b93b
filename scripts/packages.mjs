// The packages that are published, and what the bundle of each contains.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join, relative } from "node:path"
import { root } from "./install.mjs"

const library = (folder, { inlined = () => false, pages = false, programs = [] } = {}) => ({
  folder,
  /** The name of each file of the bundle that is imported or started from outside → its source. */
  entries: Object.fromEntries(["index", ...programs].map((name) => [name, `packages/${folder}/src/${name}.ts`])),
  /** Whether the bundle contains the npm package of this name; all others are dependencies of the published package. */
  inlined,
  /** Whether the package contains the built console, and the documentation. */
  pages,
  /** Whether the package contains the archive of an empty database. */
  database: folder === "store-postgres",
  /** Whether the package contains declarations. */
  types: true
})

/** Every published package. Its folder is its place in `packages`. */
export const published = [
  library("domain"),
  library("kit"),
  library("store-kit"),
  library("store-memory"),
  library("store-postgres"),
  library("store-redis"),
  library("server", { programs: ["main"], inlined: (name) => name === "@muster/console", pages: true }),
  library("daemon", { programs: ["main", "ReaderMain"] }),
  {
    folder: "cli",
    // `ReaderMain.js` must be next to the bundle of the daemon: see `packages/daemon/src/ReaderFile.ts`.
    entries: { main: "packages/cli/src/main.ts", ReaderMain: "packages/daemon/src/ReaderMain.ts" },
    // PGlite reads files next to its own.
    inlined: (name) => name !== "@electric-sql/pglite",
    pages: true,
    database: true,
    types: false
  }
]

export const manifestOf = (folder) => JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"))

/** The name of a published package: that of its manifest, unless its `publishConfig` has another one. */
export const nameOf = ({ name, publishConfig }) => publishConfig.name ?? name

/** The npm package that an import names: `@scope/name` or `name`. */
export const packageOf = (specifier) => specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")

/** The dependencies of a published package, given those of its manifest. */
export const dependenciesOf = ({ inlined }, own = {}) =>
  Object.fromEntries(Object.entries(own).filter(([name]) => !inlined(name)))

/** All files below a folder, in order. */
export const filesBelow = (path) =>
  readdirSync(path, { recursive: true }).map((name) => join(path, name)).filter((file) => statSync(file).isFile())
    .sort()

/** The files of PGlite that run, each with its path in `node_modules`. PGlite imports nothing. */
export const pgliteFiles = () => {
  const pglite = join(root, "packages", "cli", "node_modules", "@electric-sql", "pglite")
  const dist = filesBelow(join(pglite, "dist")).filter((file) => /\.(?:js|wasm|data)$/.test(file))
  return [...["package.json", "LICENSE"].map((name) => join(pglite, name)).filter((file) => existsSync(file)), ...dist]
    .map((file) => [join("@electric-sql", "pglite", relative(pglite, file)), file])
}
