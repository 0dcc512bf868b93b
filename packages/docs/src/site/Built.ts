import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join, posix, relative } from "node:path"

const walk = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)]
  )

/** The files of a built site, from its folder, with slashes. */
export const filesOf = (site: string): ReadonlyArray<string> =>
  walk(site).map((path) => relative(site, path).split("\\").join("/")).toSorted()

/** The file that a server of static files sends for an address of the site; undefined: none. */
const fileFor = (site: string, address: string) =>
  [address, `${address}.html`, posix.join(address, "index.html")].find((path) =>
    existsSync(join(site, path)) && statSync(join(site, path)).isFile()
  )

const attribute = (html: string, name: string) =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, value = ""]) => value.replaceAll("&amp;", "&"))

/** The links and resources of a site built for `base` that lead nowhere, to no anchor, or load from another host. */
export const brokenReferences = (site: string, base = "/"): ReadonlyArray<string> => {
  const pages = new Map(
    filesOf(site).filter((path) => path.endsWith(".html")).map((path) => {
      const html = readFileSync(join(site, path), "utf8")
      return [path, { html, ids: new Set(attribute(html, "id")) }] as const
    })
  )
  const broken = new Set<string>()
  for (const [page, { html }] of pages) {
    for (const reference of [...attribute(html, "href"), ...attribute(html, "src")]) {
      if (/^(mailto:|data:)/.test(reference)) continue
      if (/^(https?:)?\/\//.test(reference)) continue
      const [path = "", anchor = ""] = reference.split("#")
      const file = path === ""
        ? page
        : fileFor(site, path.startsWith(base) ? path.slice(base.length) : posix.join(posix.dirname(page), path))
      if (file === undefined) broken.add(`${page}: ${reference} is not there`)
      else if (anchor !== "" && !pages.get(file)?.ids.has(decodeURIComponent(anchor))) {
        broken.add(`${page}: ${reference} has no such anchor`)
      }
    }
    for (const [tag] of html.matchAll(/<(?:script|link|img|iframe|source)\b[^>]*>/g)) {
      if (/\s(?:src|href)="(?:https?:)?\/\//.test(tag)) broken.add(`${page}: loads from another host: ${tag}`)
    }
  }
  return [...broken]
}
