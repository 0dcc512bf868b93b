import { Effect, FileSystem, Path } from "effect"
import { fileURLToPath } from "node:url"
import { runPglite } from "./Pglite.ts"

/**
 * An empty database that was made when Muster was installed. A copy of it is ready in a tenth of the time that
 * PostgreSQL's own `initdb` takes, so that the first start is as quick as the later ones.
 */
export const templateFolder: string = fileURLToPath(new URL("../../node_modules/.cache/database", import.meta.url))

/** Makes the template, whole or not at all. */
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
