import { onMachineClock } from "@muster/kit"
import { Clock, Effect, Fiber, Layer, Semaphore } from "effect"
import { FileSystem } from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { createHash } from "node:crypto"
import { join } from "node:path"
import { parseServerUrl } from "../client/ServerUrl.ts"
import { Identity } from "../identity/Identity.ts"
import { NotKept, ReportShelf } from "./ReportShelf.ts"

/** The maximum size of a stored report, in bytes. */
const maxReport = 32 * 1024 * 1024

/** The maximum number of damaged files that are kept for people. */
const maxDamaged = 16

/** The timeout of the disk, in ms. */
const timeout = 5_000

const suffix = ".json"

const reasons: Record<string, string> = {
  NotFound: "its folder is not there",
  PermissionDenied: "the folder may not be written",
  WriteZero: "the disk is full",
  TimedOut: "the disk does not answer"
}

const reasonOf = (error: PlatformError): string => {
  const cause = "cause" in error.reason ? error.reason.cause as { readonly code?: unknown } | undefined : undefined
  if (cause?.code === "ENOSPC" || cause?.code === "EDQUOT") return "the disk is full"
  return reasons[error.reason._tag] ?? (typeof cause?.code === "string" ? cause.code : error.reason._tag)
}

/** One folder per server and daemon, so that a report goes to no other server and under no other identity. */
const folderName = (server: string, daemonId: string) =>
  createHash("sha256").update(`${server}\n${daemonId}`).digest("hex").slice(0, 16)

interface Folder {
  readonly fs: FileSystem
  readonly place: string
  /** One write at a time, since a disk serializes them anyway. */
  readonly pen: Semaphore.Semaphore
}

const fileOf = ({ place }: Folder, name: string) => join(place, `${name}${suffix}`)

/** Runs a write. Once begun, it is finished even if its caller is interrupted; the caller waits at most `timeout`. */
const kept = ({ pen }: Folder, work: Effect.Effect<void, PlatformError>): Effect.Effect<void, NotKept> =>
  Effect.flatMap(Effect.forkDetach(pen.withPermit(work)), Fiber.join).pipe(
    Effect.mapError((error) => new NotKept({ reason: reasonOf(error) })),
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () => Effect.fail(new NotKept({ reason: reasons["TimedOut"]! }))
    }),
    onMachineClock
  )

const flush = (fs: FileSystem, path: string) =>
  Effect.scoped(Effect.flatMap(fs.open(path, { flag: "r" }), (file) => file.sync))

/** Writes a file atomically: to a draft, which is flushed and renamed. */
const write = Effect.fnUntraced(function*(folder: Folder, name: string, text: string) {
  const { fs, place } = folder
  const draft = join(place, `${name}.draft`)
  yield* fs.makeDirectory(place, { recursive: true, mode: 0o700 })
  yield* Effect.scoped(Effect.gen(function*() {
    const file = yield* fs.open(draft, { flag: "w", mode: 0o600 })
    yield* file.writeAll(new TextEncoder().encode(text))
    yield* file.sync
  })).pipe(
    Effect.andThen(fs.rename(draft, fileOf(folder, name))),
    Effect.tapError(() => Effect.ignore(fs.remove(draft)))
  )
  yield* flush(fs, place)
})

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
      const folder: Folder = { fs: yield* FileSystem, place, pen: yield* Semaphore.make(1) }
      return ReportShelf.of({
        place,
        contents: (bounds) => contents(folder, bounds),
        put: (name, text) => kept(folder, write(folder, name, text)),
        drop: (name) => kept(folder, folder.fs.remove(fileOf(folder, name), { force: true })),
        setAside: (name) => setAside(folder, name)
      })
    })
  )
