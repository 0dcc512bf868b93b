import { Effect, FileSystem, Option, Path, Schema } from "effect"
import type { ReadEntry } from "tar"
import { BackupFailure, Manifest, names } from "./Manifest.ts"

/** Loaded only here: most processes never make a backup. */
const tar = Effect.promise(() => import("tar"))

/**
 * The bytes of a backup of what is in this folder: a gzipped tar of `database`, `token` if there is one, and the manifest.
 * The folder is read while the bytes are.
 */
export const archiveOf = Effect.fnUntraced(function*(folder: string, manifest: Manifest) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { create } = yield* tar
  yield* fs.writeFileString(path.join(folder, names.manifest), `${JSON.stringify(manifest, null, 2)}\n`)
  const token = (yield* fs.exists(path.join(folder, names.token))) ? [names.token] : []
  return create({ cwd: folder, gzip: true, portable: true }, [names.database, ...token, names.manifest])
})

const damaged = (file: string, why: string) =>
  new BackupFailure({ reason: "file", sentence: `${file} is not a whole backup of Muster: ${why}` })

const decodeManifest = Schema.decodeUnknownOption(Schema.fromJsonString(Manifest))

/** The largest manifest that is read, in bytes. */
const maxManifest = 64 * 1024

const reasonOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

/** Reads a whole backup, checks it to its last byte, and returns its manifest. Fails with one sentence if it is not whole. */
export const readBackup = Effect.fnUntraced(function*(file: string): Effect.fn.Return<Manifest, BackupFailure> {
  const { list } = yield* tar
  const seen = new Set<string>()
  let text = ""
  const note = (entry: ReadEntry) => {
    seen.add(entry.path)
    if (entry.path !== names.manifest || entry.size > maxManifest) return entry.resume()
    entry.on("data", (bytes) => void (text += bytes.toString()))
  }
  yield* Effect.tryPromise({
    try: () => list({ file, strict: true, onReadEntry: note }),
    catch: (cause) => damaged(file, reasonOf(cause))
  })
  if (!seen.has(`${names.database}/PG_VERSION`)) return yield* damaged(file, "it has no database")
  const manifest = decodeManifest(text)
  return Option.isSome(manifest)
    ? manifest.value
    : yield* damaged(file, "it has no manifest that this version can read")
})

const isPart = (path: string) =>
  path === names.token || path === names.database || path.startsWith(`${names.database}/`)

/** Unpacks a backup that was read before into this empty folder. */
export const unpack = (file: string, folder: string): Effect.Effect<void, BackupFailure> =>
  Effect.flatMap(tar, ({ extract }) =>
    Effect.tryPromise({
      try: () => extract({ file, cwd: folder, strict: true, preserveOwner: false, filter: isPart }),
      catch: (cause) => damaged(file, reasonOf(cause))
    }))
