import { Context, Effect, Layer, Schema, Semaphore } from "effect"
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { isExecutable } from "./Executable.ts"

/** The version that a file said, and what tells the file from a later one of the same path. */
const Known = Schema.Struct({
  path: Schema.String,
  /** Of the file that the path leads to, in epoch ms. */
  mtime: Schema.Finite,
  size: Schema.Finite,
  version: Schema.String
})
type Known = typeof Known.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Array(Known)))

/** More CLIs than a machine has; the one that was noted longest ago makes room. */
const maxKept = 64

/** The longest that a disk may take. */
const timeout = "2 seconds"

/** Only of a path that a shell could look at: a call of Node's on a disk that does not answer would hold a thread. */
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
    // A disk that did not answer once is not written to again: each such write holds a thread.
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
 * The version that each CLI said last, by path, time of change and size of its file, so that one that is slow to say it
 * is known all the same. A file that changed is another CLI. Never fails: what cannot be read is not known.
 */
export class CliVersions extends Context.Service<CliVersions, {
  readonly recall: (path: string) => Effect.Effect<string | undefined>
  readonly note: (path: string, version: string) => Effect.Effect<void>
}>()("@muster/daemon/discovery/CliVersions") {
  /** Known for as long as the process lives. */
  static readonly layerMemory = Layer.effect(this, make())

  /** Kept in this file from one process to the next. */
  static readonly layerFile = (file: string) => Layer.effect(this, make(file))
}
