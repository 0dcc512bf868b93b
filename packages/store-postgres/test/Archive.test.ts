import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { packFolder, unpackFolder } from "../src/pglite/Archive.ts"
import { openDatabaseFolder } from "../src/pglite/DatabaseFolder.ts"
import { installedArchive } from "../src/TemplateFiles.ts"

/** Each file and folder: its path, and the sum of a file's bytes. */
const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name)
    const sum = entry.isFile() ? createHash("sha1").update(readFileSync(path)).digest("hex") : "folder"
    return `${path.slice(folder.length)} ${sum}`
  }).toSorted()

describe("the archive of an empty database", () => {
  it.effect("has every file and folder of the template, and PostgreSQL opens what it becomes", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const template = `${folder}/template`
      yield* fs.makeDirectory(template)
      yield* unpackFolder(installedArchive, template)
      yield* fs.writeFile(`${folder}/archive`, yield* packFolder(template, 1))
      yield* fs.makeDirectory(`${folder}/database`)
      yield* unpackFolder(`${folder}/archive`, `${folder}/database`)
      assert.deepStrictEqual(filesOf(`${folder}/database`), filesOf(template))
      const database = yield* openDatabaseFolder(`${folder}/database`)
      const { rows } = yield* Effect.promise(() => database.query("SELECT 1 AS one"))
      assert.deepStrictEqual(rows, [{ one: 1 }])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
