import { Uuid } from "@muster/domain"
import { Data, Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { FileSystem } from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { join } from "node:path"

/** The data folder cannot be read or written, so the daemon would have a new id at every start. */
export class IdentityUnavailable extends Data.TaggedError("IdentityUnavailable")<{
  readonly path: string
  readonly reason: string
}> {
  override get message() {
    return `the daemon's id cannot be kept in ${this.path}: ${this.reason}`
  }
}

const fileName = "daemon.id"

/** The maximum size, in bytes, of an id, a mark and a path; a larger file is not a valid id file. */
const maxFile = 8_192

/** Writes the file atomically, readable by its owner only. */
export const writeAtomically = Effect.fnUntraced(function*(path: string, text: string) {
  const fs = yield* FileSystem
  const draft = `${path}.${SecureRandom.uuidV4Unsafe()}`
  yield* fs.writeFileString(draft, text, { mode: 0o600, flag: "wx" }).pipe(
    Effect.andThen(fs.rename(draft, path)),
    Effect.tapError(() => Effect.ignore(fs.remove(draft)))
  )
})

/** The mark of an unknown machine. */
const noMachine = "-"

interface Held {
  readonly exists: boolean
  readonly id?: string | undefined
  readonly machine?: string | undefined
  /** Where it was written. */
  readonly folder?: string | undefined
}

const read = Effect.fnUntraced(function*(path: string): Effect.fn.Return<Held, PlatformError, FileSystem> {
  const fs = yield* FileSystem
  if (!(yield* fs.exists(path))) return { exists: false }
  if (Number((yield* fs.stat(path)).size) > maxFile) return { exists: true }
  const [id = "", machine, folder] = (yield* fs.readFileString(path)).trim().split(/\s*\n/)
  return { exists: true, id: Uuid.parse(id), machine: machine === noMachine ? undefined : machine, folder }
})

const textOf = (id: string, machine: string | undefined, folder: string) =>
  `${[id, machine ?? noMachine, folder].join("\n")}\n`

/** Returns why the id belongs to another daemon; undefined if it belongs to this folder. */
const whoseElse = Effect.fnUntraced(function*(known: Held, machine: string | undefined, folder: string) {
  if (machine !== undefined && known.machine !== undefined && known.machine !== machine) {
    return "was copied from another machine, whose daemon it names"
  }
  if (known.folder === undefined || known.folder === folder) return undefined
  // A folder that was moved is no longer at its old path; one that was copied is.
  const there = yield* Effect.orElseSucceed(read(join(known.folder, fileName)), (): Held => ({ exists: false }))
  return there.id === known.id ? `was copied from ${known.folder}, whose daemon it names` : undefined
})

/**
 * Replaces the id in `<data>/daemon.id` by a new one, for a daemon whose id another machine uses. Returns the new id. Fails,
 * and does not change the file, if the folder cannot be written.
 */
export const replaceDaemonId = Effect.fnUntraced(
  function*(dataDir: string, machine: string | undefined) {
    const fs = yield* FileSystem
    const made = yield* Effect.sync(() => SecureRandom.uuidV7Unsafe())
    yield* writeAtomically(join(dataDir, fileName), textOf(made, machine, yield* fs.realPath(dataDir)))
    return made
  },
  (effect, dataDir) =>
    Effect.mapError(effect, (error) => new IdentityUnavailable({ path: dataDir, reason: error.message }))
)

/**
 * Returns the daemon's id from `<data>/daemon.id` (mode 0600): a UUIDv7, created at the first start, followed by lines with its
 * machine and its folder. Replaces a file without a UUID, and one that was copied from another machine or from a folder that
 * still exists, since two daemons with one id would take each other's runtimes; both are logged. A folder that cannot be used
 * is an error, never a new id. `machine`: see `machineMark`; if it is unknown, any id counts as this machine's.
 */
export const daemonId = Effect.fnUntraced(
  function*(dataDir: string, machine: string | undefined) {
    const fs = yield* FileSystem
    yield* fs.makeDirectory(dataDir, { recursive: true, mode: 0o700 })
    const folder = yield* fs.realPath(dataDir)
    const path = join(dataDir, fileName)
    const known = yield* read(path)
    const other = known.id === undefined ? undefined : yield* whoseElse(known, machine, folder)
    if (known.id !== undefined && other === undefined) {
      const text = textOf(known.id, machine ?? known.machine, folder)
      const isKnown = known.folder === folder && (machine === undefined || known.machine !== undefined)
      // A read-only folder is sufficient.
      if (!isKnown) yield* Effect.ignore(writeAtomically(path, text))
      return known.id
    }
    const made = yield* Effect.sync(() => SecureRandom.uuidV7Unsafe())
    yield* writeAtomically(path, textOf(made, machine, folder))
    if (known.exists) {
      const why = other ?? "held no daemon id"
      yield* Effect.logWarning(`${path} ${why}; this daemon is now ${made} and registers its runtimes again`)
    }
    return made
  },
  (effect, dataDir) =>
    Effect.mapError(effect, (error) => new IdentityUnavailable({ path: dataDir, reason: error.message }))
)
