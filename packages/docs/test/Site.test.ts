import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import MiniSearch from "minisearch"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { deadLinks } from "../src/page/Links.ts"
import { pageFiles, pageOf } from "../src/page/Repository.ts"
import { buildSite } from "../src/site/Build.ts"
import { brokenReferences, filesOf } from "../src/site/Built.ts"

/** VitePress runs for seconds where the machine is busy. */
const timeout = 180_000

const folder = mkdtempSync(join(tmpdir(), "muster-docs-"))
const site = join(folder, "site")

describe("the documentation site", () => {
  beforeAll(() => {
    const { output, succeeded } = buildSite(site)
    assert.isTrue(succeeded, output)
  }, timeout)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("P-07 has a page for each document, without a link that leads nowhere", () => {
    const files = filesOf(site)
    for (const file of pageFiles()) assert.include(files, pageOf(file)!.replace(/\.md$/, ".html"))
    assert.deepStrictEqual(deadLinks(), [])
    assert.deepStrictEqual(brokenReferences(site), [])
  })

  it.each([
    ["why is my runtime offline", "Why is my runtime offline?"],
    ["behind nginx", "Run behind nginx with TLS"],
    ["second machine", "Tutorial: a second machine"]
  ])("answers the search \"%s\" by the first result", async (words, title) => {
    const index = filesOf(site).find((path) => path.includes("@localSearchIndex")) ?? ""
    const { default: stored } = await import(join(site, index))
    // The fields and options of VitePress's search box.
    const search = MiniSearch.loadJSON(stored, {
      fields: ["title", "titles", "text"],
      storeFields: ["title", "titles"],
      searchOptions: { fuzzy: 0.2, prefix: true, boost: { title: 4, text: 2, titles: 1 } }
    })
    const [first] = search.search(words)
    assert.strictEqual(first?.["title"], title)
  })

  it("loads nothing from another host", () => {
    const styles = filesOf(site).filter((path) => path.endsWith(".css"))
    assert.isAbove(styles.length, 0)
    for (const path of styles) {
      assert.notMatch(readFileSync(join(site, path), "utf8"), /(url\(|@import )["']?(https?:)?\/\//, path)
    }
  })
})

describe("the check of a built site", () => {
  it("reports a dead link, a dead anchor and a script of another host", () => {
    const broken = join(folder, "broken")
    mkdirSync(broken, { recursive: true })
    writeFileSync(
      join(broken, "index.html"),
      "<a href=\"/no\">a</a><a href=\"./b#no\">b</a><a href=\"b.html#yes\">c</a><script src=\"https://example.com/x.js\">"
    )
    writeFileSync(join(broken, "b.html"), "<h2 id=\"yes\">d</h2>")
    assert.deepStrictEqual(brokenReferences(broken), [
      "index.html: /no is not there",
      "index.html: ./b#no has no such anchor",
      "index.html: loads from another host: <script src=\"https://example.com/x.js\">"
    ])
  })
})
