import { Uuid } from "@muster/domain"
import { Data, Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { FileSystem } from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
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

const fileName = "daemon.id"

/** More than an id, a mark and a path need, in bytes; a larger file is not one of ours. */
const maxFile = 8_192

/** Written whole or not at all, readable by its owner only. */
const writeAtomically = Effect.fnUntraced(function*(path: string, text: string) {
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

/** Why the id is another daemon's; undefined: it is this folder's own. */
const whoseElse = Effect.fnUntraced(function*(known: Held, machine: string | undefined, folder: string) {
  if (machine !== undefined && known.machine !== undefined && known.machine !== machine) {
    return "was copied from another machine, whose daemon it names"
  }
  if (known.folder === undefined || known.folder === folder) return undefined
  // A folder that was moved is not where it was any more; one that was copied is.
  const there = yield* Effect.orElseSucceed(read(join(known.folder, fileName)), (): Held => ({ exists: false }))
  return there.id === known.id ? `was copied from ${known.folder}, whose daemon it names` : undefined
})

/**
 * Replaces the id in `<data>/daemon.id` by a new one, for a daemon whose id another machine uses. Answers the new one.
 * Fails, and leaves the file as it is, where the folder cannot be written.
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
 * The daemon's id, kept in `<data>/daemon.id` (mode 0600): a UUIDv7, made at the first start, and on the lines below it
 * the machine and the folder it was made for. A file that holds no UUID is replaced, and so is one that was copied from
 * another machine, or from a folder that is still there, since two daemons of one id would take each other's runtimes;
 * either is said. A folder that cannot be used is an error, never a new id. `machine`: see `machineMark`; where it is not
 * known, any id is taken as this machine's.
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
      // A folder that is read-only does as well.
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
