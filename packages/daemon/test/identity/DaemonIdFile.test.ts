import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, layer } from "@effect/vitest"
import { Uuid } from "@muster/domain"
import { Effect } from "effect"
import { FileSystem } from "effect/FileSystem"
import { join } from "node:path"
import { daemonId } from "../../src/identity/DaemonIdFile.ts"
import { machineMark } from "../../src/identity/MachineMark.ts"
import { logLines } from "../support/logLines.ts"

const [machine, other] = ["a".repeat(16), "b".repeat(16)]

layer(NodeFileSystem.layer)("the daemon's id", (it) => {
  const folder = Effect.flatMap(FileSystem, (fs) => fs.makeTempDirectoryScoped())

  it.effect("is a UUIDv7, the same at the next start, readable by its owner only, in a folder that it creates", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const data = join(yield* folder, "new", "data")
      const id = yield* daemonId(data, machine)
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
      assert.strictEqual(yield* daemonId(data, machine), id)
      assert.strictEqual((yield* fs.stat(join(data, "daemon.id"))).mode & 0o777, 0o600)
      assert.deepStrictEqual(yield* fs.readDirectory(data), ["daemon.id"], "no draft is left")
    }))

  it.effect("can be written by a person in any letter case", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const data = yield* folder
      yield* fs.writeFileString(join(data, "daemon.id"), "  0192D3A0-1111-7000-8000-000000000000\n\n")
      assert.strictEqual(yield* daemonId(data, machine), "0192d3a0-1111-7000-8000-000000000000")
    }))

  it.effect.each(["", "not an id", "0192d3a0", "x".repeat(100_000)])(
    "is created again if the file contains %#",
    (text) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem
        const data = yield* folder
        yield* fs.writeFileString(join(data, "daemon.id"), text)
        const log = yield* logLines
        const id = yield* Effect.provide(daemonId(data, machine), log.layer)
        assert.isDefined(Uuid.parse(id))
        assert.strictEqual(log.lines.length, 1, "said once")
        assert.strictEqual(yield* fs.readFileString(join(data, "daemon.id")), `${id}\n${machine}\n${data}\n`)
      })
  )

  it.effect("D-18 in a folder that was copied to another machine is replaced there, with a log line", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const data = yield* folder
      const id = yield* daemonId(data, machine)
      const log = yield* logLines
      const apart = yield* Effect.provide(daemonId(data, other), log.layer)
      assert.notStrictEqual(apart, id)
      assert.strictEqual(log.lines.length, 1, "said once")
      assert.include(log.lines[0], "copied from another machine")
      assert.strictEqual(yield* daemonId(data, other), apart)
      assert.strictEqual(yield* fs.readFileString(join(data, "daemon.id")), `${apart}\n${other}\n${data}\n`)
    }))

  it.effect("D-18 in a folder that was copied on its machine is replaced, too; in one that was moved it stays", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const parent = yield* folder
      const [first, second, third] = ["first one", "second", "third"].map((name) => join(parent, name))
      for (const mark of [undefined, machine]) {
        const id = yield* daemonId(first!, mark)
        yield* fs.copy(first!, second!)
        const log = yield* logLines
        const apart = yield* Effect.provide(daemonId(second!, mark), log.layer)
        assert.notStrictEqual(apart, id)
        assert.include(log.lines[0], `was copied from ${first}`)
        assert.strictEqual(yield* daemonId(first!, mark), id)

        yield* fs.rename(first!, third!)
        assert.strictEqual(yield* Effect.provide(daemonId(third!, mark), log.layer), id)
        assert.strictEqual(yield* daemonId(third!, mark), id)
        assert.strictEqual(yield* daemonId(second!, mark), apart)
        assert.strictEqual(log.lines.length, 1, "said once")
        // By another way to the same folder it is the same.
        yield* fs.symlink(third!, first!)
        assert.strictEqual(yield* daemonId(first!, mark), id)
        for (const one of [first!, second!, third!]) yield* fs.remove(one, { recursive: true })
      }
    }))

  it.effect("D-18 is kept if a machine is unknown, in the file or now, and belongs to the known one from then on", () =>
    Effect.gen(function*() {
      const data = yield* folder
      const id = yield* daemonId(data, undefined)
      assert.strictEqual(yield* daemonId(data, machine), id)
      assert.strictEqual(yield* daemonId(data, undefined), id)
      assert.notStrictEqual(yield* daemonId(data, other), id)
    }))

  it.effect("D-18 a machine's mark is a hash of its id; without an id there is none", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const file = join(yield* folder, "machine-id")
      assert.isUndefined(yield* machineMark(file))
      yield* fs.writeFileString(file, "uninitialized\n")
      assert.isUndefined(yield* machineMark(file))
      yield* fs.writeFileString(file, `${"0123456789abcdef".repeat(2)}\n`)
      assert.match((yield* machineMark(file)) ?? "", /^[0-9a-f]{16}$/)
    }))

  it.effect("is never invented if the folder cannot be used", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const file = join(yield* folder, "file")
      yield* fs.writeFileString(file, "")
      const error = yield* Effect.flip(daemonId(join(file, "data"), machine))
      assert.strictEqual(error._tag, "IdentityUnavailable")
      assert.include(error.message, file)

      // A folder where the file should be: it can neither be read nor replaced.
      const data = yield* folder
      yield* fs.makeDirectory(join(data, "daemon.id"))
      assert.strictEqual((yield* Effect.flip(daemonId(data, machine)))._tag, "IdentityUnavailable")
    }))
})
