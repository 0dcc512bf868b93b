// Writes the bundles of published packages. It is started under the bundled Node, with a list of packages and the folders that it
// writes, and `--no-maps` for bundles without source maps.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { dirname, isAbsolute, join, sep } from "node:path"
import { rolldown } from "rolldown"
import { root } from "./install.mjs"
import { dependenciesOf, manifestOf, packageOf, published } from "./packages.mjs"

/** The folder of the npm package that a bundled module is part of; undefined for the workspace's own. */
const foreignFolder = (id) => {
  if (id.startsWith("\0")) return undefined
  const at = id.lastIndexOf(`${sep}node_modules${sep}`)
  if (at < 0) return undefined
  const modules = id.slice(0, at + `${sep}node_modules${sep}`.length)
  return join(modules, packageOf(id.slice(modules.length).split(sep).join("/")))
}

/** The names, versions and licenses of the npm packages in a bundle: their licenses require that copies contain the text. */
const licenses = (ids) => {
  const folders = [...new Set(ids.map(foreignFolder).filter((folder) => folder !== undefined))]
  const notices = folders.map((folder) => {
    const { license, name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
    const file = readdirSync(folder).find((name) => /^(?:licen[cs]e|copying)(?:\.(?:md|txt))?$/i.test(name))
    const text = file === undefined ? "" : `\n\n${readFileSync(join(folder, file), "utf8").trim()}`
    return `${name} ${version} (${license})${text}\n`
  })
  return [...new Set(notices)].sort().join(`\n${"-".repeat(80)}\n\n`)
}

/**
 * Effect's HTTP client for Node can load undici: 2 MB, of which Muster uses nothing. It calls by Node's own `http`, which takes 15 MiB less of
 * memory. A part of Effect that needs undici all the same fails with this sentence.
 */
const noUndici = {
  name: "noUndici",
  resolveId: (id) => /(?:^\.|^@effect\/platform-node)\/Undici(?:\.[jt]s)?$/.test(id) ? "\0undici" : null,
  load: (id) =>
    id === "\0undici"
      ? "throw new Error(\"undici is not part of Muster: scripts/bundle.mjs leaves it out\")\nexport {}"
      : null
}

const segmenter =
  /const (\w+) = (?:\/\*#__PURE__\*\/)?\s*(new Intl\.Segmenter\(undefined, \{\s*granularity: "grapheme"\s*\}\));?/

/** Effect makes a segmenter when its module for output loads: 14 MB of Node's tables of Unicode in memory. This is when it is used. */
const lazySegmenter = {
  name: "lazySegmenter",
  transform(code, id) {
    if (!/[\\/]effect[\\/]dist[\\/]cli[\\/]CliOutput\.js$/.test(id)) return null
    const [definition, name, made] = segmenter.exec(code) ?? []
    if (definition === undefined) throw new Error(`${id} has another segmenter than scripts/bundle.mjs knows`)
    // As many lines as before: so the source map stays right.
    const lines = "\n".repeat(definition.split("\n").length - 1)
    const use = `(lazy${name} ??= ${made.replaceAll("\n", " ")}).segment(`
    return { code: code.replace(definition, `let lazy${name};${lines}`).replaceAll(`${name}.segment(`, use), map: null }
  }
}

/** A file next to a module, which the module reads as a text by a name that is written there. */
const textFile = /readFileSync\(new URL\("(\.\/[\w.-]+)", import\.meta\.url\), "utf8"\)/g

/** Puts such texts in the place of their reading: a bundle is not next to these files. */
const texts = {
  name: "texts",
  transform(code, id) {
    if (foreignFolder(id) !== undefined || code.search(textFile) < 0) return null
    const text = (_, name) => JSON.stringify(readFileSync(join(dirname(id), name), "utf8"))
    return { code: code.replaceAll(textFile, text), map: null }
  }
}

/** Every import of a bundle from outside must be a dependency of its package. */
const checkImports = (one, imports) => {
  const own = dependenciesOf(one, manifestOf(one.folder).dependencies)
  for (const name of imports.filter((name) => !isBuiltin(name)).map(packageOf)) {
    if (own[name] === undefined) throw new Error(`${one.folder} imports ${name}, which is not a dependency of it`)
  }
}

const write = async (one, dir, sourcemap) => {
  const { entries, folder, inlined } = one
  const bundle = await rolldown({
    cwd: root,
    input: entries,
    platform: "node",
    plugins: [noUndici, texts, lazySegmenter],
    external: (id, importer) =>
      importer !== undefined && !id.startsWith(".") && !isAbsolute(id) && (isBuiltin(id) || !inlined(packageOf(id))),
    transform: { target: "node22" },
    checks: { ineffectiveDynamicImport: false }
  })
  try {
    const { output } = await bundle.write({
      dir,
      format: "esm",
      sourcemap,
      // A text with one other character takes two bytes per character in memory.
      charset: "ascii",
      // Names stay: they are what a stack trace shows.
      minify: folder === "cli" ? { compress: true, mangle: false, codegen: true } : false,
      entryFileNames: "[name].js",
      // Next to the entries: modules find files of the package by a path from their own.
      chunkFileNames: "[name]-[hash].js"
    })
    const chunks = output.filter(({ type }) => type === "chunk")
    const files = new Set(output.map(({ fileName }) => fileName))
    checkImports(
      one,
      chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]).filter((id) => !files.has(id))
    )
    const text = licenses(chunks.flatMap(({ moduleIds }) => moduleIds))
    if (text !== "") writeFileSync(join(dir, "third-party-licenses.txt"), text)
  } finally {
    await bundle.close()
  }
}

for (const [folder, dir] of JSON.parse(process.argv[2])) {
  await write(published.find((one) => one.folder === folder), dir, process.argv[3] !== "--no-maps")
  if (!existsSync(dir)) throw new Error(`nothing was written for ${folder}`)
}
