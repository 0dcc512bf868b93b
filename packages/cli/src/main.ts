#!/usr/bin/env node
import { existsSync } from "node:fs"
import * as module from "node:module"
import { join } from "node:path"
import { compileCache, keepLatest } from "./CacheFolder.ts"
import { isBuilt } from "./MainFile.ts"
import { version } from "./Version.ts"

// Checked before anything is loaded that an older Node cannot parse.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write(
    `error: Muster needs Node 22.15 or newer; this is ${process.version}\nnext:  install a newer Node\n`
  )
  process.exit(1)
}

/** Keeps compiled code in the user's cache. The first start of a version removes that of old ones. */
const cacheCompiledCode = (cache: string) => {
  const folder = join(cache, version)
  const isNew = !existsSync(folder)
  module.enableCompileCache(folder)
  if (!isNew) return
  try {
    keepLatest(cache)
  } catch {
    // There is no cache: Node could not make it either, and says nothing.
  }
}

// Halves the time of later starts. Modules that are imported before this line are not cached. A checkout uses Node's default
// folder, which processes with different homes share.
const cache = isBuilt ? compileCache(process.env, process.platform) : undefined
if (cache === undefined) module.enableCompileCache()
else cacheCompiledCode(cache)

// A reader that closes the pipe early (`muster runtimes | head -1`) is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1))

await import("./start.ts")
