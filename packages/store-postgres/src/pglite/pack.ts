// Run by `npm run build`: writes the archive of the empty database to the file that the first argument names.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, FileSystem } from "effect"
import { templateFolder } from "../TemplateFiles.ts"
import { packFolder } from "./Archive.ts"

const pack = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  yield* fs.writeFile(process.argv[2] ?? "", yield* packFolder(templateFolder))
})

NodeRuntime.runMain(Effect.provide(pack, NodeServices.layer))
