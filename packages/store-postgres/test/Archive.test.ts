import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { createHash } from "node:crypto"
import { packFolder, unpackFolder } from "../src/pglite/Archive.ts"
import { openDatabaseFolder } from "../src/pglite/DatabaseFolder.ts"
import { templateFolder } from "../src/TemplateFiles.ts"

const sumOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

const filesOf = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const names = (yield* fs.readDirectory(folder, { recursive: true })).toSorted()
  return yield* Effect.forEach(names, (name) =>
    Effect.gen(function*() {
      const { size, type } = yield* fs.stat(`${folder}/${name}`)
      return type === "Directory" ? { name } : { name, size, sum: sumOf(yield* fs.readFile(`${folder}/${name}`)) }
    }))
})

describe("the archive of an empty database", () => {
  it.effect("has every file and folder of the template, and PostgreSQL opens what it becomes", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const packed = yield* packFolder(templateFolder)
      // It is part of a package that people download.
      assert.isBelow(packed.length, 3_000_000)
      yield* fs.writeFile(`${folder}/archive`, packed)
      yield* fs.makeDirectory(`${folder}/database`)
      yield* unpackFolder(`${folder}/archive`, `${folder}/database`)
      assert.deepStrictEqual(yield* filesOf(`${folder}/database`), yield* filesOf(templateFolder))
      const database = yield* openDatabaseFolder(`${folder}/database`)
      const { rows } = yield* Effect.promise(() => database.query("SELECT 1 AS one"))
      assert.deepStrictEqual(rows, [{ one: 1 }])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
