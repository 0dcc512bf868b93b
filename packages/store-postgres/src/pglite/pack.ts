// Run by `npm run build`: writes the archive of a database without data, with the tables of this release, to the file that the
// first argument names.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, FileSystem, Layer } from "effect"
import { Migrations } from "../migrations/Migrations.ts"
import { installedArchive } from "../TemplateFiles.ts"
import { packFolder, unpackFolder } from "./Archive.ts"
import { PgliteClient } from "./PgliteClient.ts"

/** Half the size of level 16, in half the time of level 19. */
const level = 17

const pack = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const folder = `${yield* fs.makeTempDirectoryScoped({ prefix: "muster-database-" })}/database`
  if (yield* fs.exists(installedArchive)) {
    yield* fs.makeDirectory(folder)
    yield* unpackFolder(installedArchive, folder)
  }
  yield* Effect.scoped(Layer.build(Layer.provide(Migrations.layer, PgliteClient.layer({ folder }))))
  yield* fs.writeFile(process.argv[2] ?? "", yield* packFolder(folder, level))
}).pipe(Effect.scoped)

NodeRuntime.runMain(Effect.provide(pack, NodeServices.layer))
