import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, posix } from "node:path"
import { fileURLToPath } from "node:url"

/** The folder of this checkout, with a slash at its end. */
export const root = fileURLToPath(new URL("../../../..", import.meta.url))

/** The text of a file, by its path from the root. */
export const readText = (path: string): string => readFileSync(join(root, path), "utf8")

/** Whether the checkout has this file or folder. */
export const isThere = (path: string): boolean => existsSync(join(root, path))

/** The documents of the root that are pages of the site, and the names of their pages. */
const documents: Readonly<Record<string, string>> = {
  "README.md": "readme.md",
  "ARCHITECTURE.md": "architecture.md",
  "CHANGELOG.md": "changelog.md",
  "CONTRIBUTING.md": "contributing.md",
  "SECURITY.md": "security.md"
}

/** The page of the site that a file of the repository is; undefined: none. */
export const pageOf = (path: string): string | undefined => {
  if (Object.hasOwn(documents, path)) return documents[path]
  return posix.dirname(path) === "docs" && path.endsWith(".md") ? posix.basename(path) : undefined
}

/** The paths of all pages' files, in alphabetical order. */
export const pageFiles = (): ReadonlyArray<string> => [
  ...Object.keys(documents),
  ...readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md")).toSorted().map((name) => `docs/${name}`)
]
