import { Effect } from "effect"
import { type File, type FileSystem, FileTypeId } from "effect/FileSystem"
import { type PlatformError, systemError } from "effect/PlatformError"
import type { Looking, Shut } from "./Protocol.ts"

type Call = Pick<Looking, "number" | "path">

const isBelow = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)

/** The calls to a file system that are not answered yet. */
export class OpenCalls {
  #next = 0
  readonly #open = new Map<number, Call>()

  /** The oldest of them. */
  get oldest(): Call | undefined {
    return this.#open.values().next().value
  }

  during<A, E, R>(path: string, call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      const number = this.#next++
      this.#open.set(number, { number, path })
      return Effect.ensuring(call, Effect.sync(() => this.#open.delete(number)))
    })
  }
}

const watchedFile = (file: File, watch: <A, E>(call: Effect.Effect<A, E>) => Effect.Effect<A, E>): File => ({
  [FileTypeId]: FileTypeId,
  stat: watch(file.stat),
  sync: file.sync,
  seek: (offset, from) => file.seek(offset, from),
  read: (buffer, options) => watch(file.read(buffer, options)),
  readAlloc: (size, options) => watch(file.readAlloc(size, options)),
  truncate: (length) => file.truncate(length),
  write: (buffer) => file.write(buffer),
  writeAll: (buffer) => file.writeAll(buffer)
})

/**
 * Returns a file system whose read calls are in `calls` until they are answered. Calls below a path that is skipped fail at
 * once as `TimedOut`, with the reason as description.
 */
export const watchedFiles = (fs: FileSystem, calls: OpenCalls, shut: ReadonlyArray<Shut>): FileSystem => {
  const watch = <A, R>(path: string, call: Effect.Effect<A, PlatformError, R>): Effect.Effect<A, PlatformError, R> => {
    const closed = shut.find((one) => isBelow(path, one.path))
    return closed === undefined
      ? calls.during(path, call)
      : Effect.fail(systemError({
        _tag: "TimedOut",
        module: "FileSystem",
        method: "read",
        pathOrDescriptor: path,
        description: closed.why
      }))
  }
  return {
    ...fs,
    access: (path, options) => watch(path, fs.access(path, options)),
    exists: (path) => watch(path, fs.exists(path)),
    lstat: (path) => watch(path, fs.lstat(path)),
    open: (path, options) =>
      watch(path, fs.open(path, options)).pipe(
        Effect.map((file) => watchedFile(file, (call) => calls.during(path, call)))
      ),
    readDirectory: (path, options) => watch(path, fs.readDirectory(path, options)),
    readDirectoryEntries: (path) => watch(path, fs.readDirectoryEntries(path)),
    readFile: (path) => watch(path, fs.readFile(path)),
    readFileString: (path, encoding) => watch(path, fs.readFileString(path, encoding)),
    readLink: (path) => watch(path, fs.readLink(path)),
    realPath: (path) => watch(path, fs.realPath(path)),
    stat: (path) => watch(path, fs.stat(path))
  }
}
