// The main script of the single executable, which contains Node and an archive of the built package. It unpacks the archive into
// the user's cache folder at the first start, and runs `dist/main.js` there: an executable can import nothing from itself.
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import { getAsset } from "node:sea"
import { pathToFileURL } from "node:url"
import { zstdDecompressSync } from "node:zlib"
import { keepLatest, programCache } from "./CacheFolder.ts"

/** The bound of the archive's content, in bytes. */
const maxLength = 512 * 1024 * 1024

/** Writes the files of the archive: the length of its list as 4 bytes, the list as JSON, the files' bytes in its order. */
const unpack = (folder: string) => {
  const content = zstdDecompressSync(getAsset("archive"), { maxOutputLength: maxLength, chunkSize: 4 * 1024 * 1024 })
  const start = 4 + content.readUInt32BE(0)
  const files = JSON.parse(content.toString("utf8", 4, start)) as ReadonlyArray<readonly [path: string, size: number]>
  let at = start
  for (const [path, size] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, path), content.subarray(at, at += size))
  }
}

const isThere = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined

/** Makes the folder of this version, completely or not at all: several processes may start at once. */
const install = (programs: string, folder: string) => {
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(unfinished, { recursive: true, mode: 0o700 })
  unpack(unfinished)
  if (!isThere(folder)) renameSync(unfinished, folder)
  rmSync(unfinished, { recursive: true, force: true })
  keepLatest(programs)
}

const fail = (sentence: string, next: string) => {
  process.stderr.write(`error: ${sentence}\nnext:  ${next}\n`)
  process.exit(1)
}

const programs = programCache(process.env, process.platform)
if (programs === undefined) fail("there is no folder to unpack Muster into", "set HOME or XDG_CACHE_HOME")
else {
  const folder = join(programs, getAsset("id", "utf8"))
  if (!isThere(folder)) install(programs, folder)
  // The daemon starts its reader as `muster …/ReaderMain.js`.
  const [, , first = ""] = process.argv
  const isReader = dirname(dirname(dirname(first))) === programs && basename(first) === "ReaderMain.js"
  const file = join("dist", isReader ? "ReaderMain.js" : "main.js")
  const load = createRequire(join(folder, "load.cjs"))("./load.cjs") as (url: string) => Promise<unknown>
  void load(pathToFileURL(join(folder, file)).href)
}
