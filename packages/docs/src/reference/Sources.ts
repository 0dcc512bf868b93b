import { readdirSync } from "node:fs"
import { join } from "node:path"
import { readText, root } from "../page/Repository.ts"

const walk = (path: string): ReadonlyArray<string> =>
  readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    const inside = `${path}/${entry.name}`
    if (entry.isDirectory()) return walk(inside)
    return /\.tsx?$/.test(entry.name) ? [inside] : []
  })

/** The sources of these packages: paths from the root, and texts without their comments. */
export const sourcesOf = (
  names: ReadonlyArray<string>
): ReadonlyArray<{ readonly path: string; readonly text: string }> =>
  names.flatMap((name) => walk(`packages/${name}/src`)).map((path) => ({
    path,
    text: readText(path).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "")
  }))

/** The words in backticks of the first cell of each row of a page's tables. */
export const firstCells = (page: string): ReadonlyArray<string> =>
  [...readText(page).matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word)
  )
