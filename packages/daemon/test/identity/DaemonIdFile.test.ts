import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, layer } from "@effect/vitest"
import { parseUuid } from "@muster/domain"
import { Effect } from "effect"
import { FileSystem } from "effect/FileSystem"
import { join } from "node:path"
import { daemonId } from "../../src/identity/DaemonIdFile.ts"
import { logLines } from "../support/logLines.ts"

layer(NodeFileSystem.layer)("the daemon's id", (it) => {
  const folder = Effect.flatMap(FileSystem, (fs) => fs.makeTempDirectoryScoped())

  it.effect("is a UUIDv7, the same at the next start, readable by its owner only, in a folder made for it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const data = join(yield* folder, "new", "data")
      const id = yield* daemonId(data)
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
      assert.strictEqual(yield* daemonId(data), id)
      assert.strictEqual((yield* fs.stat(join(data, "daemon.id"))).mode & 0o777, 0o600)
      assert.deepStrictEqual(yield* fs.readDirectory(data), ["daemon.id"], "no draft is left")
    }))

  it.effect("may have been given by a person in any case", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const data = yield* folder
      yield* fs.writeFileString(join(data, "daemon.id"), "  0192D3A0-1111-7000-8000-000000000000\n\n")
      assert.strictEqual(yield* daemonId(data), "0192d3a0-1111-7000-8000-000000000000")
    }))

  it.effect.each(["", "not an id", "0192d3a0", "x".repeat(100_000)])(
    "is made anew where the file holds %#",
    (text) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem
        const data = yield* folder
        yield* fs.writeFileString(join(data, "daemon.id"), text)
        const log = yield* logLines
        const id = yield* Effect.provide(daemonId(data), log.layer)
        assert.isDefined(parseUuid(id))
        assert.strictEqual(log.lines.length, 1, "said once")
        assert.strictEqual((yield* fs.readFileString(join(data, "daemon.id"))).trim(), id)
      })
  )

  it.effect("is never made up where the folder cannot be used", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const file = join(yield* folder, "file")
      yield* fs.writeFileString(file, "")
      const error = yield* Effect.flip(daemonId(join(file, "data")))
      assert.strictEqual(error._tag, "IdentityUnavailable")
      assert.include(error.message, file)

      // A folder where the file should be: it can neither be read nor replaced.
      const data = yield* folder
      yield* fs.makeDirectory(join(data, "daemon.id"))
      assert.strictEqual((yield* Effect.flip(daemonId(data)))._tag, "IdentityUnavailable")
    }))
})
