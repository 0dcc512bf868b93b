import { Clock, Effect, Layer } from "effect"
import { FileSystem } from "effect/FileSystem"
import { createHash } from "node:crypto"
import { join } from "node:path"
import { parseServerUrl } from "../client/ServerUrl.ts"
import { makeDiskWriter, writeAtomically } from "../disk/DiskWrite.ts"
import { Identity } from "../identity/Identity.ts"
import { ReportShelf } from "./ReportShelf.ts"

/** The maximum size of a stored report, in bytes. */
const maxReport = 32 * 1024 * 1024

/** The maximum number of damaged files that are kept for people. */
const maxDamaged = 16

const suffix = ".json"

/** One folder per server and daemon, so that a report goes to no other server and under no other identity. */
export const folderName = (server: string, daemonId: string) =>
  createHash("sha256").update(`${server}\n${daemonId}`).digest("hex").slice(0, 16)

interface Folder {
  readonly fs: FileSystem
  readonly place: string
  readonly kept: Effect.Success<typeof makeDiskWriter>
}

const fileOf = ({ place }: Folder, name: string) => join(place, `${name}${suffix}`)

const write = (folder: Folder, name: string, text: string) =>
  writeAtomically(folder.fs, fileOf(folder, name), join(folder.place, `${name}.draft`), text)

const setAside = Effect.fnUntraced(function*(folder: Folder, name: string) {
  const { fs, place } = folder
  const aside = join(place, "damaged")
  yield* fs.makeDirectory(aside, { recursive: true, mode: 0o700 })
  const full = (yield* fs.readDirectory(aside)).length >= maxDamaged
  yield* full
    ? fs.remove(fileOf(folder, name))
    : fs.rename(fileOf(folder, name), join(aside, `${yield* Clock.currentTimeMillis}-${name}${suffix}`))
}, (effect) => Effect.ignore(effect))

/** Returns undefined if it exists but cannot be read. */
const read = Effect.fnUntraced(function*(folder: Folder, name: string) {
  const { size } = yield* folder.fs.stat(fileOf(folder, name))
  return Number(size) > maxReport ? undefined : yield* folder.fs.readFileString(fileOf(folder, name))
}, (effect) => Effect.orElseSucceed(effect, () => undefined))

/** Returns the names of the reports in the folder. Removes drafts of an earlier process. */
const namesIn = Effect.fnUntraced(function*({ fs, place }: Folder) {
  const entries = yield* Effect.orElseSucceed(fs.readDirectory(place), (): Array<string> => [])
  yield* Effect.forEach(
    entries.filter((entry) => entry.endsWith(".draft")),
    (draft) => Effect.ignore(fs.remove(join(place, draft))),
    { discard: true }
  )
  return entries.filter((entry) => entry.endsWith(suffix)).map((entry) => entry.slice(0, -suffix.length))
})

const contents = Effect.fnUntraced(
  function*(folder: Folder, bounds: { readonly texts: number; readonly bytes: number }) {
    const texts: Array<{ readonly name: string; readonly text: string }> = []
    let [damaged, bytes] = [0, 0]
    for (const name of yield* namesIn(folder)) {
      if (texts.length >= bounds.texts || bytes >= bounds.bytes) break
      const text = yield* read(folder, name)
      if (text === undefined) {
        damaged++
        yield* setAside(folder, name)
      } else {
        bytes += Buffer.byteLength(text)
        texts.push({ name, text })
      }
    }
    return { texts, damaged }
  }
)

/**
 * The shelf as a folder `<data>/outbox/<server and identity>/` with one file per report (mode 0600). A crash leaves a complete
 * file or none.
 */
export const layerReportFolder = (options: { readonly dataDir: string; readonly serverUrl: string }) =>
  Layer.effect(
    ReportShelf,
    Effect.gen(function*() {
      const { daemonId } = yield* Identity
      const { http } = yield* parseServerUrl(options.serverUrl)
      const place = join(options.dataDir, "outbox", folderName(http, daemonId))
      const folder: Folder = { fs: yield* FileSystem, place, kept: yield* makeDiskWriter }
      return ReportShelf.of({
        place,
        contents: (bounds) => contents(folder, bounds),
        put: (name, text) => folder.kept(write(folder, name, text)),
        drop: (name) => folder.kept(folder.fs.remove(fileOf(folder, name), { force: true })),
        setAside: (name) => setAside(folder, name)
      })
    })
  )
