import { Context, Effect, Layer, Schema, Semaphore } from "effect"
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { isExecutable } from "./Executable.ts"

/** The version that a file printed, and what distinguishes the file from a later one at the same path. */
const Known = Schema.Struct({
  path: Schema.String,
  /** When the file was changed, in epoch ms. */
  mtime: Schema.Finite,
  size: Schema.Finite,
  version: Schema.String
})
type Known = typeof Known.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Array(Known)))

/** The maximum number of CLIs; the oldest entry is removed. */
const maxKept = 64

/** The timeout of a disk. */
const timeout = "2 seconds"

/** Only for a path that a shell could check: a call by Node on a disk that does not answer would block a thread. */
const fileOf = (path: string) =>
  Effect.filterOrFail(isExecutable(path), (is) => is).pipe(Effect.andThen(Effect.tryPromise(() => stat(path))))

const load = (file: string | undefined) =>
  file === undefined ? Effect.succeed<ReadonlyArray<Known>>([]) : Effect.tryPromise(() => readFile(file, "utf8")).pipe(
    Effect.timeout(timeout),
    Effect.flatMap((text) => Effect.fromOption(decode(text))),
    Effect.map((all) => all.slice(-maxKept)),
    Effect.orElseSucceed((): ReadonlyArray<Known> => [])
  )

const save = (file: string | undefined, all: ReadonlyArray<Known>, onHang: () => void) =>
  file === undefined ? Effect.void : Effect.tryPromise(async () => {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.new`, JSON.stringify(all), { mode: 0o600 })
    await rename(`${file}.new`, file)
  }).pipe(
    Effect.timeout(timeout),
    Effect.tapErrorTag("TimeoutError", () => Effect.sync(onHang)),
    Effect.ignore({ log: "Debug", message: "the versions of CLIs could not be written" })
  )

const make = (file?: string) =>
  Effect.gen(function*() {
    const loaded = yield* Effect.cached(load(file))
    const turn = yield* Semaphore.make(1)
    let all: ReadonlyArray<Known> | undefined
    // Do not write again to a disk that did not answer: each such write blocks a thread.
    let isHung = false
    const current = Effect.map(loaded, (first) => all ??= first)

    const isSame = (known: Known, path: string, { mtimeMs, size }: { mtimeMs: number; size: number }) =>
      known.path === path && known.mtime === mtimeMs && known.size === size

    return CliVersions.of({
      recall: (path) =>
        Effect.all([fileOf(path), current]).pipe(
          Effect.map(([file, known]) => known.find((one) => isSame(one, path, file))?.version),
          Effect.timeout(timeout),
          Effect.orElseSucceed(() => undefined)
        ),
      note: (path, version) =>
        turn.withPermit(Effect.gen(function*() {
          const { mtimeMs, size } = yield* Effect.timeout(fileOf(path), timeout)
          const known = yield* current
          if (known.some((one) => isSame(one, path, { mtimeMs, size }) && one.version === version)) return
          const others = known.filter((one) => one.path !== path)
          all = [...others, { path, mtime: mtimeMs, size, version }].slice(-maxKept)
          if (!isHung) yield* save(file, all, () => isHung = true)
        })).pipe(Effect.ignore)
    })
  })

/**
 * The version that each CLI printed last, by path, time of change and size of its file, for CLIs that are slow. A changed file
 * is another CLI. Never fails: an entry that cannot be read is unknown.
 */
export class CliVersions extends Context.Service<CliVersions, {
  readonly recall: (path: string) => Effect.Effect<string | undefined>
  readonly note: (path: string, version: string) => Effect.Effect<void>
}>()("@muster/daemon/discovery/CliVersions") {
  /** Keeps versions while the process runs. */
  static readonly layerMemory = Layer.effect(this, make())

  /** Stores versions in this file. */
  static readonly layerFile = (file: string) => Layer.effect(this, make(file))
}
