import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Api, Security, WireError } from "@muster/domain"
import { Clock, Context, Duration, Effect, FileSystem, Option, Path, Semaphore, Stream } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Audit } from "../audit/Audit.ts"
import { DataFolder } from "../data/DataFolder.ts"
import { Owner } from "../owner/Owner.ts"
import { archiveOf } from "./Archive.ts"
import { EmbeddedDatabase } from "./EmbeddedDatabase.ts"
import { manifestAt, names } from "./Manifest.ts"

/** How long the transfer of a backup may take. */
const transferTimeout = Duration.minutes(30)

const underWay = () => WireError.conflict("another backup is under way: wait until it has ended")

const unreadable = (cause: { readonly message: string }) =>
  WireError.fault(`the data folder could not be copied: ${cause.message}`, cause)

/**
 * Makes a copy of the data in a folder of its own, which is removed with the scope, and returns the bytes of its archive.
 * Only the copy keeps statements waiting; its reader can take its time.
 */
const makeBackup = Effect.fnUntraced(function*(database: EmbeddedDatabase, dataFolder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* fs.makeTempDirectoryScoped({ directory: dataFolder, prefix: "backup.unfinished-" })
  yield* database.copyTo(path.join(folder, names.database))
  yield* Effect.ignore(fs.copyFile(path.join(dataFolder, names.token), path.join(folder, names.token)))
  return yield* archiveOf(folder, manifestAt(yield* Clock.currentTimeMillis, database.version))
})

/** Disconnects a reader that takes too long. */
const cutAfter = (request: HttpServerRequest.HttpServerRequest, duration: Duration.Duration) =>
  Effect.andThen(
    Effect.sleep(duration),
    Effect.sync(() => void NodeHttpServerRequest.toServerResponse(request).destroy())
  )

/** Removes what a process left that was killed during a backup. */
const clean = Effect.fnUntraced(function*(dataFolder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const left = (yield* fs.readDirectory(dataFolder)).filter((name) => name.startsWith("backup.unfinished-"))
  yield* Effect.forEach(left, (name) => fs.remove(path.join(dataFolder, name), { recursive: true, force: true }))
}, (effect) => Effect.ignore(effect))

/**
 * The embedded database and the owner's token as one file, while the server runs. Only for the owner of this installation,
 * whose token is in the data folder: the file has the data of every workspace.
 */
export const layerBackupRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "backup",
  Effect.fn(function*(handlers) {
    const database = yield* EmbeddedDatabase
    const owner = yield* Effect.serviceOption(Owner)
    const dataFolder = yield* Effect.serviceOption(DataFolder)
    const audit = yield* Audit
    // Without the scope of this layer: a copy ends with its request.
    const services = Context.pick(FileSystem.FileSystem, Path.Path)(
      yield* Effect.context<FileSystem.FileSystem | Path.Path>()
    )
    const turn = yield* Semaphore.make(1)
    if (database !== undefined && Option.isSome(dataFolder)) yield* clean(dataFolder.value)

    return handlers.handleRaw(
      "make",
      Effect.fnUntraced(function*({ request }) {
        const { userId } = yield* Security.Caller
        if (Option.isNone(owner) || owner.value.userId !== userId) return yield* WireError.notInstallationOwner()
        if (database === undefined || Option.isNone(dataFolder)) return yield* WireError.dataNotEmbedded()
        if (!(yield* turn.takeIfAvailable(1))) return yield* underWay()
        yield* Effect.addFinalizer(() => turn.release(1))
        const archive = yield* makeBackup(database, dataFolder.value).pipe(
          Effect.provideContext(services),
          Effect.mapError(unreadable)
        )
        yield* Effect.forkScoped(cutAfter(request, transferTimeout))
        yield* audit.record({ action: "server.back_up" })
        return HttpServerResponse.stream(Stream.fromAsyncIterable(archive, (cause) => cause), {
          contentType: "application/gzip",
          headers: { "cache-control": "no-store", "x-accel-buffering": "no" }
        })
      })
    )
  })
)
