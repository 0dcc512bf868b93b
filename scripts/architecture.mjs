// The rules of the design that no linter knows: which package may import which, and what sources may not contain.
// `node scripts/architecture.mjs` prints one line per violation and ends with exit code 1 when there is any.
import { readdirSync, readFileSync } from "node:fs"
import { join, posix, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { lineAt, readSource } from "./source-text.mjs"

const stores = ["store-memory", "store-redis", "store-postgres"]
const everything = [...stores, "kit", "store-kit", "domain", "store-suite", "server", "daemon", "cli"]

/** Package → the packages that its sources may import. Arrows point down only. */
const arrows = {
  "kit": [],
  "domain": [],
  "store-kit": ["domain", "kit"],
  "store-memory": ["domain", "kit", "store-kit"],
  "store-redis": ["domain", "kit", "store-kit"],
  "store-postgres": ["domain", "kit", "store-kit"],
  "store-suite": ["domain", "kit"],
  "server": ["domain", "kit", "console"],
  "daemon": ["domain", "kit"],
  "cli": ["server", "daemon", "domain", "kit"],
  "console": ["domain"],
  "simulation": everything,
  "bench": everything,
  "docs": ["cli", "domain", "server"]
}

/** The one source file outside tests, simulation and bench that chooses stores. */
const chooser = "packages/server/src/Environment.ts"

const maxLines = 400

const importPattern =
  /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\bimport\.meta\.resolve\s*\(\s*|\bmock\s*\(\s*)(["'])([^"'\n]+)\1/g

const forbiddenInSources = [
  [
    /\bDate\.now\s*\(|\bnew Date\s*\(\s*\)/g,
    "takes the time from the machine; take it from Effect's Clock or DateTime"
  ],
  [/\bMath\.random\s*\(/g, "uses Math.random; use Effect's Random"],
  [/\bset(?:Timeout|Interval)\s*\(/g, "starts a bare timer; use Effect.sleep, Effect.timeout or a Schedule"],
  [/\bconsole\s*\./g, "writes to the console; use Effect's log functions or Console"],
  [/\bas any\b/g, "casts to any; name the type or decode the value with a Schema"]
]

const forbiddenInTests = [
  [/\.(?:skip|skipIf|runIf|only|todo)\s*\(/g, "leaves tests out (skip, only, todo); every test runs, everywhere"]
]

/** Words of the project's youth that its readers do not know, and the field's terms for them. */
const foreignWords = [
  [/\bpatience\b/gi, "timeout"],
  [/\bvigil\b/gi, "polling"],
  [/\bgoodbye\b/gi, "deregistration"],
  [/\b(?:whereabouts|heardHere)\b/gi, "presence"],
  [/\bbehind our back\b/gi, "without our knowledge"]
]

/** Which package imports may reach, from this file. */
const mayImport = ({ name, path, isTest }) => {
  const own = arrows[name] ?? []
  if (isTest) return [...own, ...stores, "store-suite", name]
  return path === chooser ? [...own, ...stores] : own
}

const importViolation = (file, specifier) => {
  const { name, path } = file
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(path), specifier)
    return target.startsWith(`packages/${name}/`) ?
      undefined :
      `imports "${specifier}", a path out of its package; import the other package by its name`
  }
  const [, target, inside] = /^@muster\/([^/]+)(\/.*)?$/.exec(specifier) ?? []
  if (inside !== undefined) return `imports "${specifier}", a path into a package; import "@muster/${target}"`
  if (target !== undefined) {
    if (mayImport(file).includes(target)) return undefined
    return stores.includes(target) ?
      `imports the store "${specifier}"; only ${chooser}, tests, simulation and bench choose stores` :
      `imports "${specifier}" against the arrows: ${name} may import ${arrows[name]?.join(", ") || "no other package"}`
  }
  if (specifier === "@effect/platform-node") {
    return `imports the barrel of "${specifier}", which brings a second Redis client; import a module such as "${specifier}/NodeHttpServer"`
  }
  if (/^(?:effect|@effect\/[^/]+)(?:\/.*)?\/index(?:\.\w+)?$/.test(specifier)) {
    return `imports the index "${specifier}"; leave "/index" away`
  }
  if (name === "domain" && !file.isTest && specifier !== "effect" && !specifier.startsWith("effect/")) {
    return `imports "${specifier}"; domain imports effect alone`
  }
  if (name === "kit" && !file.isTest && !/^(?:effect$|effect\/|node:)/.test(specifier)) {
    return `imports "${specifier}"; kit imports effect and node alone`
  }
  return undefined
}

/** What is wrong with one file, given its path from the repository's root and its text: a list of `{ path, line, sentence }`. */
export const violationsOf = (path, text) => {
  const [, name, folder] = path.split("/")
  const isTest = folder !== "src"
  const { imports, code } = readSource(text)
  const found = []
  const add = (line, sentence) => found.push({ path, line, sentence })

  if (arrows[name] === undefined) {
    add(1, `is in the package "${name}", which scripts/architecture.mjs does not know`)
  }
  for (const { index, 2: specifier } of imports.matchAll(importPattern)) {
    if (code[index] === " ") continue // the words of a text, not an import
    const sentence = importViolation({ name, path, isTest }, specifier)
    if (sentence !== undefined) add(lineAt(imports, index), sentence)
  }
  for (const [pattern, sentence] of isTest ? forbiddenInTests : forbiddenInSources) {
    for (const { index } of code.matchAll(pattern)) add(lineAt(code, index), sentence)
  }
  for (const [pattern, term] of foreignWords) {
    for (const { 0: word, index } of text.matchAll(pattern)) {
      add(lineAt(text, index), `says "${word}"; the field's term is "${term}"`)
    }
  }
  for (const { 0: word, index } of text.matchAll(/\b(?:TODO|FIXME)\b/g)) {
    add(lineAt(text, index), `carries a ${word}; do it now or file an issue`)
  }
  for (const { 0: page, index } of text.matchAll(/(?<![\w/-])(?:wire|later|behaviour|acceptance)\.md\b/g)) {
    add(
      lineAt(text, index),
      `refers to ${page}, which is not in the repository; refer to a section of docs/protocol.md`
    )
  }
  if (path === "packages/domain/src/index.ts") {
    for (const { index } of code.matchAll(/^export (?!\* as [A-Z])/gm)) {
      add(lineAt(code, index), "exports names; export the module as a namespace (`export * as Request from …`)")
    }
  }
  const lines = text.replace(/\n$/, "").split("\n").length
  if (lines > maxLines) add(maxLines + 1, `has ${lines} lines, more than ${maxLines}; split it by idea`)
  return found.sort((a, b) => a.line - b.line)
}

const relativeImport = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(["'])(\.[^"'\n]+)\1/g

/** Package → folder → folders that its files import from. `src` itself counts as no folder: it wires the others. */
const folderGraphs = (files) => {
  const graphs = new Map()
  for (const { path, text } of files) {
    const [, name, inside] = /^packages\/([^/]+)\/src\/(.+)$/.exec(path) ?? []
    if (name === undefined) continue
    const from = posix.dirname(inside)
    const graph = graphs.get(name) ?? new Map()
    graphs.set(name, graph)
    const { code, imports } = readSource(text)
    for (const { 2: specifier, index } of imports.matchAll(relativeImport)) {
      if (code[index] === " ") continue // the words of a text, not an import
      const to = posix.dirname(posix.join(from, specifier))
      if (to === from || from === "." || to === "." || to.startsWith("..")) continue
      graph.set(
        from,
        (graph.get(from) ?? new Map()).set(to, {
          path,
          line: lineAt(imports, index),
          sentence: `imports "${specifier}"`
        })
      )
    }
  }
  return graphs
}

/** The way from one folder to another, as its folders in order; undefined: there is none. */
const wayBetween = (graph, from, to, seen = new Set()) => {
  if (from === to) return [to]
  seen.add(from)
  for (const next of graph.get(from)?.keys() ?? []) {
    const way = seen.has(next) ? undefined : wayBetween(graph, next, to, seen)
    if (way !== undefined) return [from, ...way]
  }
  return undefined
}

/** The imports between folders of a package that are part of a circle of folders: a list of `{ path, line, sentence }`. */
export const folderCycles = (files) => {
  const found = []
  for (const graph of folderGraphs(files).values()) {
    for (const [from, targets] of graph) {
      for (const [to, example] of targets) {
        const back = wayBetween(graph, to, from)
        if (back === undefined) continue
        const circle = [from, ...back].join(" → ")
        found.push({ ...example, sentence: `${example.sentence}, which closes a circle of folders: ${circle}` })
      }
    }
  }
  return found
}

/** The paths of all sources and tests of the packages under this root, from the root, with slashes. */
const sourceFiles = (root) => {
  const walk = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return entry.name === "node_modules" ? [] : walk(path)
      return /\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : []
    })
  return walk(join(root, "packages"))
    .map((path) => relative(root, path).split("\\").join("/"))
    .filter((path) => /^packages\/[^/]+\/(?:src|test|agents)\//.test(path))
    .sort()
}

/** Every violation under this root, and how many files were looked at. */
export const inspect = (root) => {
  const paths = sourceFiles(root)
  const files = paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))
  return {
    files: paths.length,
    violations: [...files.flatMap(({ path, text }) => violationsOf(path, text)), ...folderCycles(files)]
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files, violations } = inspect(fileURLToPath(new URL("..", import.meta.url)))
  for (const { path, line, sentence } of violations) process.stdout.write(`${path}:${line} ${sentence}.\n`)
  process.stdout.write(`${files} files, ${violations.length} violations of the architecture.\n`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
