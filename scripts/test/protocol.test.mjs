import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { root } from "../install.mjs"

const reference = /docs\/protocol\.md`?\s+(\d+(?:\.\d+[a-z]?)?(?:(?:, |–)\d+(?:\.\d+[a-z]?)?)*)/g

it("every section of docs/protocol.md that the code names exists", () => {
  const text = readFileSync(join(root, "docs", "protocol.md"), "utf8")
  const sections = new Set([...text.matchAll(/^#{2,3} (\d+(?:\.\d+[a-z]?)?)[. ]/gm)].map(([, number]) => number))
  const files = execFileSync("git", ["ls-files", "-z", "packages", "scripts"], { cwd: root, encoding: "utf8" })
    .split("\0").filter((path) => /\.[cm]?[jt]sx?$/.test(path) && path !== "scripts/test/protocol.test.mjs")
  const sources = files.map((path) => ({ path, source: readFileSync(join(root, path), "utf8") }))
  const named = sources.flatMap(({ path, source }) => {
    // A reference may go on in the next line of its comment.
    return [...source.replace(/\n\s*\* /g, " ").matchAll(reference)].flatMap(([, list = ""]) =>
      list.split(/, |–/).map((section) => ({ path, section }))
    )
  })
  expect(named.length).toBeGreaterThan(60)
  expect(named.filter(({ section }) => !sections.has(section))).toEqual([])
})
