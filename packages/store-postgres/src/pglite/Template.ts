import { Effect, FileSystem, Path } from "effect"
import { templateFolder } from "../TemplateFiles.ts"
import { runPglite } from "./Pglite.ts"

/**
 * Makes the template: an empty database, completely or not at all. Copying it takes a tenth of the time of PostgreSQL's own
 * `initdb`, so that the first start is as quick as later ones.
 */
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
