import { Effect, FileSystem, Path } from "effect"
import { fileURLToPath } from "node:url"
import { runPglite } from "./Pglite.ts"

/**
 * An empty database that was made when Muster was installed. Copying it takes a tenth of the time of PostgreSQL's own
 * `initdb`, so that the first start is as quick as later ones.
 */
export const templateFolder: string = fileURLToPath(new URL("../../node_modules/.cache/database", import.meta.url))

/** Makes the template, completely or not at all. */
export const makeTemplate = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const unfinished = `${templateFolder}.unfinished`
  yield* fs.makeDirectory(path.dirname(templateFolder), { recursive: true })
  yield* fs.remove(unfinished, { recursive: true, force: true })
  yield* Effect.scoped(runPglite({ dataDir: unfinished }))
  yield* fs.remove(templateFolder, { recursive: true, force: true })
  yield* fs.rename(unfinished, templateFolder)
})
