import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, FileSystem, Layer, Logger, Redacted, Schedule } from "effect"
import { createWriteStream, existsSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { pipeline } from "node:stream/promises"
import { archiveOf } from "../../src/backup/Archive.ts"
import { type Manifest, manifestAt } from "../../src/backup/Manifest.ts"
import { embeddedVersion, layerServer, restoreBackup, ServerInfo } from "../../src/index.ts"
import { startHome } from "../support/Scene.ts"

const surroundings = Layer.mergeAll(NodeServices.layer, Logger.layer([]))

const temporaryFolder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

/** A server with the embedded database, and calls of its owner. */
const startEmbedded = Effect.gen(function*() {
  const dataDir = yield* temporaryFolder
  const server = layerServer({ host: "127.0.0.1", port: 0, dataDir, databaseUrl: undefined })
  const { ownerToken, url } = Context.get(yield* Layer.build(server), ServerInfo)
  const post = (path: string, token = Redacted.value(ownerToken), body?: object) =>
    Effect.promise((signal) =>
      fetch(url + path, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        signal,
        ...body !== undefined && { body: JSON.stringify(body) }
      })
    )
  const left = () => readdirSync(dataDir).filter((name) => name.startsWith("backup"))
  return { left, post }
})

const codeOf = (response: Response) =>
  Effect.promise(async () => [response.status, (await response.json() as { code: string }).code])

/** A backup with this manifest of a database that has only its version. */
const makeBackup = Effect.fnUntraced(function*(changed: Partial<Manifest>) {
  const folder = yield* temporaryFolder
  mkdirSync(`${folder}/database`)
  writeFileSync(`${folder}/database/PG_VERSION`, "18\n")
  const archive = yield* archiveOf(folder, { ...manifestAt(0, embeddedVersion), ...changed })
  yield* Effect.promise(() => pipeline(archive, createWriteStream(`${folder}/backup`)))
  return `${folder}/backup`
})

describe("POST /api/backup", () => {
  it.effect("P-05 refuses everybody but the owner of the installation, and tokens that may not administer", () =>
    Effect.gen(function*() {
      const { muster, ana } = yield* startHome()
      assert.strictEqual((yield* muster.nobody.post("/api/backup")).status, 401)
      const { json, status } = yield* muster.as(ana.token).post("/api/backup")
      assert.deepStrictEqual([status, json.code], [403, "not_installation_owner"])
    }))

  it.live(
    "P-05 makes one backup at a time, and removes its copy when the reader leaves",
    () =>
      Effect.gen(function*() {
        const { left, post } = yield* startEmbedded
        const made = yield* post("/api/tokens", undefined, { name: "reader", scopes: ["read", "ask"] })
        const { token } = yield* Effect.promise(() => made.json() as Promise<{ token: string }>)
        assert.deepStrictEqual(yield* codeOf(yield* post("/api/backup", token)), [403, "scope_missing"])

        const unread = yield* post("/api/backup")
        assert.strictEqual(unread.status, 200)
        assert.lengthOf(left(), 1)
        assert.deepStrictEqual(yield* codeOf(yield* post("/api/backup")), [409, "conflict"])
        yield* Effect.promise(() => unread.body!.cancel())
        yield* Effect.repeat(Effect.sync(left), {
          until: (names) => names.length === 0,
          schedule: Schedule.spaced("20 millis")
        })
        const next = yield* post("/api/backup")
        assert.strictEqual(next.status, 200)
        assert.isAbove((yield* Effect.promise(() => next.arrayBuffer())).byteLength, 2 ** 20)
      }).pipe(Effect.provide(surroundings)),
    60_000
  )
})

describe("restoreBackup", () => {
  const refused = Effect.fnUntraced(function*(file: string) {
    const folder = `${yield* temporaryFolder}/data`
    const { message } = yield* Effect.flip(Effect.scoped(restoreBackup(file, folder, embeddedVersion)))
    assert.isFalse(existsSync(folder), "nothing was made")
    return message
  })

  it.effect("P-05 refuses a backup of a newer version or of another PostgreSQL in one sentence, and changes nothing", () =>
    Effect.gen(function*() {
      assert.match(
        yield* refused(yield* makeBackup({ schema: 999, muster: "9.0.0" })),
        /^the backup was made by a newer Muster \(9\.0\.0\): its schema is 999, and this one knows up to \d+$/
      )
      assert.match(
        yield* refused(yield* makeBackup({ postgres: "17", muster: "0.0.9" })),
        /^the backup has a database of PostgreSQL 17, and this Muster brings PostgreSQL 18: use Muster 0\.0\.9$/
      )
    }).pipe(Effect.provide(surroundings)))

  it.effect("P-05 refuses a file that is cut off or is no backup in one sentence, and changes nothing", () =>
    Effect.gen(function*() {
      const cut = yield* makeBackup({})
      truncateSync(cut, statSync(cut).size - 20)
      assert.match(yield* refused(cut), /^\S+\/backup is not a whole backup of Muster: .+$/)
      writeFileSync(cut, "text\n")
      assert.match(yield* refused(cut), /^\S+\/backup is not a whole backup of Muster: .+$/)
      assert.match(yield* refused(`${cut}.absent`), /^\S+\/backup\.absent is not a whole backup of Muster: .*ENOENT/)
    }).pipe(Effect.provide(surroundings)))
})
