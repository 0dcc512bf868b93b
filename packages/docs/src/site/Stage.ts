import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { basename, dirname, join, posix } from "node:path"
import { fileURLToPath } from "node:url"
import { destinationOf } from "../page/Links.ts"
import { withLinks } from "../page/Markdown.ts"
import { pageFiles, pageOf, readText, root } from "../page/Repository.ts"
import { sidebar } from "./Sidebar.ts"

const slugModule = fileURLToPath(new URL("../page/Slug.ts", import.meta.url))

/** The settings of VitePress, as a module: no font, script or picture comes from another host. */
const settings = (out: string, base: string) => {
  const config = {
    title: "Muster",
    description: "The control plane for coding-agent runtimes",
    lang: "en-US",
    base,
    // No request for an icon that is not there.
    head: [["link", { rel: "icon", href: "data:," }]],
    outDir: out,
    cacheDir: join(dirname(out), `${basename(out)}.cache`),
    lastUpdated: false,
    ignoreDeadLinks: false,
    themeConfig: {
      search: { provider: "local" },
      sidebar: sidebar(),
      outline: { level: [2, 3] },
      docFooter: { prev: false, next: false }
    }
  }
  return `import { slug } from ${JSON.stringify(slugModule)}
export default {
  ...${JSON.stringify(config)},
  // Angle brackets in the pages are placeholders, never HTML.
  markdown: { html: false, anchor: { slugify: slug }, languageAlias: { console: "shellsession" } },
  vite: { logLevel: "warn", build: { chunkSizeWarningLimit: 2_000 } }
}
`
}

/** Pages that repeat what others say, so that a search does not find it twice. */
const unsearched: ReadonlySet<string> = new Set(["readme.md", "changelog.md", "requirements.md"])

/**
 * The place of a file that is no page. A file without an extension, such as LICENSE, and a source, which many servers take
 * for a video, are text for every server. `text-`: pnpm takes any LICENSE in a package for its license, and adds no other.
 */
const assetOf = (path: string) => {
  const { base, dir, ext } = posix.parse(path)
  const name = ext === "" ? `text-${base}.txt` : /^\.tsx?$/.test(ext) ? `${base}.txt` : base
  return posix.join("files", dir, name)
}

/**
 * Writes the source of the site into a folder: every page under its name, with links that fit. A file that a page links to
 * and that is no page becomes a file of the site.
 */
export const stage = (folder: string, out: string, base: string): void => {
  mkdirSync(join(folder, ".vitepress"), { recursive: true })
  writeFileSync(join(folder, ".vitepress", "config.mjs"), settings(out, base))
  for (const file of pageFiles()) {
    const text = withLinks(readText(file), (target) => {
      const { anchor, path } = destinationOf(file, target)
      if (path === "") return target
      const page = pageOf(path)
      if (page !== undefined) return `./${page}${anchor === "" ? "" : `#${anchor}`}`
      const asset = assetOf(path)
      mkdirSync(join(folder, "public", dirname(asset)), { recursive: true })
      copyFileSync(join(root, path), join(folder, "public", asset))
      return `/${asset}`
    })
    const name = pageOf(file)!
    writeFileSync(join(folder, name), unsearched.has(name) ? `---\nsearch: false\n---\n\n${text}` : text)
  }
}
