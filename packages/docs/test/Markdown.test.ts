import { assert, describe, it } from "@effect/vitest"
import { destinationOf } from "../src/page/Links.ts"
import { anchorsOf, blocksOf, linksOf, withLinks } from "../src/page/Markdown.ts"
import { slug } from "../src/page/Slug.ts"

const page = `# A page, with \`code\`

A [link](a.md#b) and \`[code](no.md)\`, a [text
over two lines](../C.md) and [another](https://example.com).

\`\`\`sh
echo '[block](no.md)'
# not a heading
\`\`\`

1. a list

   \`\`\`json
   { "a": 1 }
   \`\`\`

## 7.5 Rules for \`POST …/x\`, and more

## A page, with code
`

describe("the reader of Markdown", () => {
  it("finds links, also over two lines, and none in code", () => {
    assert.deepStrictEqual(linksOf(page).map(({ target }) => target), ["a.md#b", "../C.md", "https://example.com"])
    assert.deepStrictEqual(linksOf(page).map(({ line }) => line), [3, 4, 4])
  })

  it("finds blocks with their languages and lines, without the indentation of a list", () => {
    assert.deepStrictEqual(blocksOf(page), [
      { language: "sh", text: "echo '[block](no.md)'\n# not a heading\n", line: 6 },
      { language: "json", text: "{ \"a\": 1 }\n", line: 13 }
    ])
  })

  it("names headings as GitHub does", () => {
    assert.deepStrictEqual([...anchorsOf(page)], [
      "a-page-with-code",
      "75-rules-for-post-x-and-more",
      "a-page-with-code-1"
    ])
    assert.strictEqual(slug("Why is it `offline`?"), "why-is-it-offline")
  })

  it("changes the targets of links and nothing else", () => {
    const changed = withLinks(page, (target) => `<${target}>`)
    assert.strictEqual(
      changed.replaceAll(/\]\(<([^>]*)>\)/g, "]($1)"),
      page
    )
    assert.include(changed, "over two lines](<../C.md>)")
    assert.include(changed, "`[code](no.md)`")
  })

  it("resolves targets from the page", () => {
    assert.deepStrictEqual(destinationOf("docs/a.md", "../C.md#d"), { path: "C.md", anchor: "d" })
    assert.deepStrictEqual(destinationOf("docs/a.md", "#d"), { path: "docs/a.md", anchor: "d" })
    assert.deepStrictEqual(destinationOf("docs/a.md", "mailto:a@example.com"), { path: "", anchor: "" })
  })
})
