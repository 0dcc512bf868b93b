// Compares docs/requirements.md with the names of the tests. `node scripts/requirements.mjs` prints one line per
// difference and ends with exit code 1 when there is any.
import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { lineAt, readSource } from "./source-text.mjs"

const page = "docs/requirements.md"

/** The requirements of a page, in its order: `{ id, line, planned }`. */
export const requirementsOf = (text) =>
  [...text.matchAll(/^- \*\*([A-Z]-\d{2})\*\* (planned: )?/gm)].map(({ 1: id, 2: mark, index }) => ({
    id,
    line: lineAt(text, index),
    planned: mark !== undefined
  }))

const leadingIds = /(?:[A-Z]-\d{2}(?:[,:]? |(?= …))(?:… )?)+/y

/** The ids with which texts of one test file begin, so names of tests: `{ id, path, line }`. */
export const namedIn = (path, text) => {
  const { code, imports } = readSource(text)
  return [...code.matchAll(/["'`]/g)].flatMap(({ index }) => {
    leadingIds.lastIndex = index + 1
    const [ids] = leadingIds.exec(imports) ?? [""]
    return (ids.match(/[A-Z]-\d{2}/g) ?? []).map((id) => ({ id, path, line: lineAt(text, index) }))
  })
}

/** What does not fit between the page and the names of tests: a list of `{ path, line, sentence }`. */
export const differences = (requirements, named) => {
  const listed = new Set()
  const tests = new Map(named.map((test) => [test.id, test]))
  const found = []
  for (const { id, line, planned } of requirements) {
    const test = tests.get(id)
    const add = (sentence) => found.push({ path: page, line, sentence })
    if (listed.has(id)) add(`lists ${id} twice; give the second one an id of its own`)
    listed.add(id)
    if (planned && test !== undefined) {
      add(`marks ${id} as planned, but ${test.path}:${test.line} tests it; remove "planned:" if the requirement is met`)
    }
    if (!planned && test === undefined) {
      add(`lists ${id}, which no test has; name a test "${id} …", or mark the requirement "planned:"`)
    }
  }
  for (const { id, line, path } of named) {
    if (!listed.has(id)) {
      found.push({ path, line, sentence: `names ${id}, which ${page} does not list; add it there, or correct the id` })
    }
  }
  return found
}

const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesBelow(path)
    return /\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : []
  })

/** Tests are in the folders `test` and `agents` of packages and in `scripts/test`; suites of contracts in `store-suite`. */
const isTest = /^(?:packages\/(?:[^/]+\/(?:test|agents)|store-suite\/src)|scripts\/test)\//

/** The differences under this root, and how many requirements and tests were compared. */
export const inspect = (root) => {
  const requirements = requirementsOf(readFileSync(join(root, page), "utf8"))
  const named = ["packages", "scripts"].flatMap((folder) => filesBelow(join(root, folder)))
    .map((path) => relative(root, path).split("\\").join("/"))
    .filter((path) => isTest.test(path))
    .sort()
    .flatMap((path) => namedIn(path, readFileSync(join(root, path), "utf8")))
  return { requirements, named, found: differences(requirements, named) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { found, named, requirements } = inspect(fileURLToPath(new URL("..", import.meta.url)))
  for (const { line, path, sentence } of found) process.stdout.write(`${path}:${line} ${sentence}.\n`)
  const planned = requirements.filter((requirement) => requirement.planned).length
  process.stdout.write(
    `${requirements.length} requirements (${planned} planned), ${named.length} named tests, ${found.length} differences.\n`
  )
  process.exitCode = found.length === 0 ? 0 : 1
}
