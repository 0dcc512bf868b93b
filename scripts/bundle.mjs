// Writes the bundles of the published packages. `npm run build` starts it under the bundled Node, with a list of packages and
// the folders that it writes.
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

/** What Muster and Effect use of undici. Its index loads four times as much, caches and mocks among it, which each process would keep. */
const undiciParts = {
  Agent: "dispatcher/agent",
  Dispatcher: "dispatcher/dispatcher",
  FormData: "web/fetch/formdata",
  ProxyAgent: "dispatcher/proxy-agent"
}

const undiciCode = (folder) => `
import api from ${JSON.stringify(join(folder, "lib/api/index.js"))}
${
  Object.entries(undiciParts).map(([name, path]) =>
    `import ${name}Module from ${JSON.stringify(join(folder, "lib", `${path}.js`))}`
  ).join("\n")
}
Object.assign(DispatcherModule.prototype, api)
export const Agent = AgentModule
export const Dispatcher = DispatcherModule
export const { FormData } = FormDataModule
export const ProxyAgent = ProxyAgentModule
`

/**
 * Effect's module `Undici` is `export * from "undici"`, a CommonJS package. In a bundle, `import()` of such a module finds no names.
 * This one has the parts that are used; a bundle that uses another one fails.
 */
const undici = {
  name: "undici",
  async resolveId(id, importer) {
    if (!/(?:^\.|^@effect\/platform-node)\/Undici(?:\.js)?$/.test(id)) return null
    const { external, id: found } = await this.resolve(id, importer)
    if (external) return null
    return { id: `\0undici:${dirname((await this.resolve("undici", found)).id)}`, moduleSideEffects: true }
  },
  load(id) {
    return id.startsWith("\0undici:") ? undiciCode(id.slice("\0undici:".length)) : null
  }
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

const write = async (one, dir) => {
  const { entries, folder, inlined } = one
  const bundle = await rolldown({
    cwd: root,
    input: entries,
    platform: "node",
    plugins: [undici, texts, lazySegmenter],
    external: (id, importer) =>
      importer !== undefined && !id.startsWith(".") && !isAbsolute(id) && (isBuiltin(id) || !inlined(packageOf(id))),
    transform: { target: "node22" },
    checks: { ineffectiveDynamicImport: false }
  })
  try {
    const { output } = await bundle.write({
      dir,
      format: "esm",
      sourcemap: true,
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
  await write(published.find((one) => one.folder === folder), dir)
  if (!existsSync(dir)) throw new Error(`nothing was written for ${folder}`)
}
