import { posix } from "node:path"
import { anchorsOf, linksOf } from "./Markdown.ts"
import { isThere, pageFiles, pageOf, readText } from "./Repository.ts"

/** A place in a file, and what is wrong there. */
export interface Problem {
  readonly path: string
  readonly line: number
  readonly sentence: string
}

/** Where a link of a file leads: a path from the root (empty: to the outside), and an anchor (empty: none). */
export const destinationOf = (file: string, target: string): { readonly path: string; readonly anchor: string } => {
  if (/^[a-z]+:/.test(target)) return { path: "", anchor: "" }
  const [path = "", anchor = ""] = target.split("#")
  return { path: path === "" ? file : posix.join(posix.dirname(file), path), anchor }
}

/** The links of all pages that lead to no file, or to no heading of a page. */
export const deadLinks = (): ReadonlyArray<Problem> => {
  const anchors = new Map(pageFiles().map((path) => [path, anchorsOf(readText(path))]))
  return pageFiles().flatMap((file) =>
    linksOf(readText(file)).flatMap(({ line, target }) => {
      const { anchor, path } = destinationOf(file, target)
      if (path === "") return []
      if (path.startsWith("..") || !isThere(path)) {
        return [{ path: file, line, sentence: `links to ${target}, which is not there` }]
      }
      if (anchor === "" || pageOf(path) === undefined || anchors.get(path)!.has(anchor)) return []
      return [{ path: file, line, sentence: `links to ${target}, but ${path} has no such heading` }]
    })
  )
}
