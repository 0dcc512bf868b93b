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
  if (!(yield* fs.exists(path))) return { exists: false, id: undefined, machine: undefined }
  if (Number((yield* fs.stat(path)).size) > maxFile) return { exists: true, id: undefined, machine: undefined }
  const [id = "", machine] = (yield* fs.readFileString(path)).trim().split(/\s+/)
  return { exists: true, id: parseUuid(id), machine }
})

const textOf = (id: string, machine: string | undefined) =>
  `${[id, ...(machine === undefined ? [] : [machine])].join("\n")}\n`

/**
 * The daemon's id, kept in `<data>/daemon.id` (mode 0600): a UUIDv7, made at the first start, and on the line below it
 * the machine it was made on. A file that holds no UUID is replaced, and so is one that was copied from another machine,
 * since two daemons of one id would take each other's runtimes; either is said. A folder that cannot be used is an error,
 * never a new id. `machine`: see `machineMark`; where it is not known, any id is taken as this machine's.
 */
export const daemonId = Effect.fnUntraced(
  function*(dataDir: string, machine: string | undefined) {
    const fs = yield* FileSystem
    const path = join(dataDir, "daemon.id")
    yield* fs.makeDirectory(dataDir, { recursive: true, mode: 0o700 })
    const known = yield* read(path)
    const isCopied = machine !== undefined && known.machine !== undefined && known.machine !== machine
    if (known.id !== undefined && !isCopied) {
      // A folder that is read-only does as well.
      const isUnmarked = machine !== undefined && known.machine === undefined
      if (isUnmarked) yield* Effect.ignore(writeAtomically(path, textOf(known.id, machine)))
      return known.id
    }
    const made = yield* Effect.sync(() => SecureRandom.uuidV7Unsafe())
    yield* writeAtomically(path, textOf(made, machine))
    if (known.exists) {
      const why = known.id === undefined
        ? "held no daemon id"
        : "was copied from another machine, whose daemon it names"
      yield* Effect.logWarning(`${path} ${why}; this daemon is now ${made} and its runtimes register anew`)
    }
    return made
  },
  (effect, dataDir) =>
    Effect.mapError(effect, (error) => new IdentityUnavailable({ path: dataDir, reason: error.message }))
)
