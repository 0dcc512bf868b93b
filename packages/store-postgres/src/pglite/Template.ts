import { Effect, FileSystem, Path } from "effect"
import { installedArchive } from "../TemplateFiles.ts"
import { packFolder } from "./Archive.ts"
import { runPglite } from "./Pglite.ts"

/** Of zstd: 39 MB become 4 MB. */
const level = 3

/**
 * Makes the template: an archive of an empty database, completely or not at all. Unpacking it takes a tenth of the time of
 * PostgreSQL's own `initdb`, so that the first start is as quick as later ones.
 */
export const makeTemplate = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  // One of an earlier PGlite would be of another PostgreSQL.
  yield* fs.remove(installedArchive, { force: true })
  const folder = `${yield* fs.makeTempDirectoryScoped({ prefix: "muster-database-" })}/database`
  yield* Effect.scoped(runPglite({ dataDir: folder }))
  const unfinished = `${installedArchive}.unfinished`
  yield* fs.makeDirectory(path.dirname(installedArchive), { recursive: true })
  yield* fs.writeFile(unfinished, yield* packFolder(folder, level))
  yield* fs.rename(unfinished, installedArchive)
}).pipe(Effect.scoped)
