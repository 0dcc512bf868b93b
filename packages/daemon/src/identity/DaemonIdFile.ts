import { parseUuid } from "@muster/domain"
import { Data, Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { FileSystem } from "effect/FileSystem"
import { join } from "node:path"

/** The data folder cannot be read or written, so the daemon would be another one at every start. */
export class IdentityUnavailable extends Data.TaggedError("IdentityUnavailable")<{
  readonly path: string
  readonly reason: string
}> {
  override get message() {
    return `the daemon's id cannot be kept in ${this.path}: ${this.reason}`
  }
}

/** More than any id needs, in bytes; a larger file is not one of ours. */
const maxFile = 1_024

/** Written whole or not at all, readable by its owner only. */
const writeAtomically = Effect.fnUntraced(function*(path: string, text: string) {
  const fs = yield* FileSystem
  const draft = `${path}.${SecureRandom.uuidV4Unsafe()}`
  yield* fs.writeFileString(draft, text, { mode: 0o600, flag: "wx" }).pipe(
    Effect.andThen(fs.rename(draft, path)),
    Effect.tapError(() => Effect.ignore(fs.remove(draft)))
  )
})

const read = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem
  if (!(yield* fs.exists(path))) return { exists: false, id: undefined }
  if (Number((yield* fs.stat(path)).size) > maxFile) return { exists: true, id: undefined }
  return { exists: true, id: parseUuid((yield* fs.readFileString(path)).trim()) }
})

/**
 * The daemon's id, kept in `<data>/daemon.id` (mode 0600): a UUIDv7, made at the first start. A file that holds no UUID
 * is replaced, and said so; a folder that cannot be used is an error, never a new id.
 */
export const daemonId = Effect.fnUntraced(
  function*(dataDir: string) {
    const fs = yield* FileSystem
    const path = join(dataDir, "daemon.id")
    yield* fs.makeDirectory(dataDir, { recursive: true, mode: 0o700 })
    const { exists, id } = yield* read(path)
    if (id !== undefined) return id
    const made = yield* Effect.sync(() => SecureRandom.uuidV7Unsafe())
    yield* writeAtomically(path, `${made}\n`)
    if (exists) {
      yield* Effect.logWarning(`${path} held no daemon id; this daemon is now ${made} and its runtimes register anew`)
    }
    return made
  },
  (effect, dataDir) =>
    Effect.mapError(effect, (error) => new IdentityUnavailable({ path: dataDir, reason: error.message }))
)
