import { Effect, Stream } from "effect"
import { createHash } from "node:crypto"
import { copyFile, type FileHandle, open, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
import type { Environment } from "../process/HostEnvironment.ts"
import { bytesOf, isTrusted, layerReleases } from "./Release.ts"
import { UpdateFailed } from "./Updater.ts"
import { verifyVersion } from "./verifyVersion.ts"

/** Returns the SHA-256 (lower-case hex) of a file in a list of `sha256sum`; undefined if it is not listed. */
export const checksumIn = (list: string, name: string): string | undefined => {
  for (const line of list.split("\n")) {
    const [, sum, file] = /^([0-9a-fA-F]{64}) [ *](.+)$/.exec(line.trimEnd()) ?? []
    if (file === name) return sum!.toLowerCase()
  }
  return undefined
}

/** The maximum sizes of a list of checksums and of a program, in bytes, and the timeout of both. */
const bounds = { list: 1024 * 1024, program: 300 * 1024 * 1024 }
const timeout = "110 seconds"

const failed = (message: string) => new UpdateFailed({ message })

const onDisk = <A>(path: string, work: () => Promise<A>) =>
  Effect.tryPromise({ try: work, catch: (cause) => failed(`${path} cannot be replaced: ${(cause as Error).message}`) })

const textOf = (url: string) =>
  Effect.map(Stream.runCollect(bytesOf(url, bounds.list)), (chunks) => Buffer.concat([...chunks]).toString("utf8"))

/** Writes a page into an open file and flushes it; returns its SHA-256. */
const download = Effect.fnUntraced(function*(url: string, path: string, file: FileHandle) {
  const hash = createHash("sha256")
  yield* Stream.runForEach(bytesOf(url, bounds.program), (chunk) => {
    hash.update(chunk)
    return onDisk(path, () => file.writeFile(chunk))
  })
  yield* onDisk(path, () => file.sync())
  return hash.digest("hex")
})

/** A rename survives a crash only when the folder is flushed. */
const syncFolder = (path: string) =>
  Effect.ignore(
    Effect.tryPromise(() => open(dirname(path), "r").then((folder) => folder.sync().finally(() => folder.close())))
  )

/** The name of the executable for a system, in a release. */
export const programName = (platform: string, arch: string): string =>
  `muster-${platform}-${arch}${platform === "win32" ? ".exe" : ""}`

/** Replaces the executable at `path` by the version from `releases`. */
const replace = Effect.fnUntraced(function*(host: Environment, path: string, releases: string, target: string) {
  const name = programName(process.platform, process.arch)
  const folder = `${releases.replace(/\/+$/, "")}/v${encodeURIComponent(target)}`
  const sum = checksumIn(yield* textOf(`${folder}/SHA256SUMS`), name)
  if (sum === undefined) return yield* failed(`${folder}/SHA256SUMS does not list ${name}`)

  const fresh = `${path}.new`
  const fetched = Effect.acquireUseRelease(
    onDisk(path, () => rm(fresh, { force: true }).then(() => open(fresh, "wx", 0o755))),
    (file) => download(`${folder}/${name}`, path, file),
    (file) => Effect.ignore(Effect.tryPromise(() => file.close()))
  )
  yield* Effect.gen(function*() {
    const found = yield* fetched
    if (found !== sum) return yield* failed(`the checksum of ${name} is wrong: ${found}, not ${sum}`)
    yield* verifyVersion(host, fresh, target)
    yield* onDisk(path, () => copyFile(path, `${path}.previous`).then(() => rename(fresh, path)))
    yield* syncFolder(path)
  }).pipe(Effect.onError(() => Effect.ignore(Effect.tryPromise(() => rm(fresh, { force: true })))))
})

/**
 * Replaces an executable by another version, and keeps the old one as `….previous` next to it. The new one comes from
 * `{releases}/v{version}/{programName}`; the `SHA256SUMS` next to it must contain its checksum, and it must report
 * the requested version. Until then nothing is replaced.
 */
export const fileUpdate = (options: {
  readonly host: Environment
  /** The executable. */
  readonly path: string
  /** The address of the releases; undefined: none. */
  readonly releases: string | undefined
}) =>
(target: string): Effect.Effect<void, UpdateFailed> => {
  const { host, path, releases } = options
  if (releases === undefined) return Effect.fail(failed("set MUSTER_RELEASES_URL to the address of Muster's releases"))
  if (!isTrusted(releases)) return Effect.fail(failed(`${releases} is neither https nor on this machine`))
  return replace(host, path, releases, target).pipe(
    Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.fail(failed(`not downloaded within ${timeout}`)) }),
    Effect.provide(layerReleases(releases, host))
  )
}
