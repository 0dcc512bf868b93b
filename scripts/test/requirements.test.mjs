import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { differences, inspect, namedIn, requirementsOf } from "../requirements.mjs"

const page = `# Requirements\n\n- **R-01** One.\n- **R-02** Two.\n- **T-01** planned: Three.\n`

/** What is said of the page above when these are the sources of tests. */
const said = (...sources) =>
  differences(requirementsOf(page), sources.flatMap((text, at) => namedIn(`packages/a/test/${at}.test.ts`, text)))
    .map(({ line, path, sentence }) => `${path}:${line} ${sentence}`)

const both = `it("R-01 R-02 both", () => x)`

describe("requirements", () => {
  it("reads ids, lines and marks", () => {
    expect(requirementsOf(page)).toEqual([
      { id: "R-01", line: 3, planned: false },
      { id: "R-02", line: 4, planned: false },
      { id: "T-01", line: 5, planned: true }
    ])
  })

  it.each([
    ["one id", `it("R-01 once", () => x)`, ["R-01"]],
    ["several ids", `it.effect(\n  \`R-01 R-02: \${n} times\`, () => x)`, ["R-01", "R-02"]],
    ["a span of ids", `it("R-01 … R-04 in any order", () => x)`, ["R-01", "R-04"]],
    ["a group of tests", `describe("F-29 by role", () => x)`, ["F-29"]],
    ["none", `it("sends R-01 once", () => x)`, []],
    ["a comment", `// "R-01 once"\nconst x = 1`, []],
    ["a text in a text", "const source = `it(\"R-01 once\")`", []],
    ["an encoding", `const x = "UTF-16 without a mark"`, []]
  ])("finds %s", (_, text, ids) => {
    expect(namedIn("a.test.ts", text).map(({ id }) => id)).toEqual(ids)
  })

  it("says nothing when all fit", () => {
    expect(said(both)).toEqual([])
  })

  it("finds a requirement without a test", () => {
    expect(said(`it("R-01 once", () => x)`)).toEqual([
      `docs/requirements.md:4 lists R-02, which no test has; name a test "R-02 …", or mark the requirement "planned:"`
    ])
  })

  it("finds a test without a requirement", () => {
    expect(said(both, `\nit("R-99 x", () => x)`)).toEqual([
      "packages/a/test/1.test.ts:2 names R-99, which docs/requirements.md does not list; add it there, or correct the id"
    ])
  })

  it("asks to remove the mark of a planned requirement that has a test", () => {
    expect(said(both, `it("T-01 x", () => x)`)).toEqual([
      `docs/requirements.md:5 marks T-01 as planned, but packages/a/test/1.test.ts:1 tests it; remove "planned:" if the requirement is met`
    ])
  })

  it("finds an id that is listed twice", () => {
    const twice = requirementsOf(`- **R-01** One.\n- **R-01** Two.\n`)
    expect(differences(twice, namedIn("a.test.ts", both.replace("R-02 ", ""))).map(({ line }) => line)).toEqual([2])
  })

  it("shows each P by the files that docs/requirements.md names", () => {
    const root = fileURLToPath(new URL("../..", import.meta.url))
    const { named, requirements } = inspect(root)
    const text = readFileSync(new URL("../../docs/requirements.md", import.meta.url), "utf8")
    const rows = [...text.matchAll(/^\| (P-\d{2}) \| ([^|]+) \|/gm)]
    const shown = rows.flatMap(([, id, files]) => [...files.matchAll(/`([^`]+)`/g)].map(([, path]) => `${id} ${path}`))
    const has = new Set(named.map(({ id, path }) => `${id} ${path}`))
    expect(shown.filter((one) => !has.has(one))).toEqual([])
    expect(rows.map(([, id]) => id)).toEqual(requirements.map(({ id }) => id).filter((id) => id.startsWith("P-")))
    expect(shown.length).toBeGreaterThanOrEqual(rows.length)
  })

  it("reads this repository's own tests", () => {
    const { named, requirements } = inspect(fileURLToPath(new URL("../..", import.meta.url)))
    expect(requirements.length).toBeGreaterThan(150)
    expect(named.length).toBeGreaterThan(400)
  })
})
