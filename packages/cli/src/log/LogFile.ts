import { Effect, FileSystem, Layer, Logger, Queue } from "effect"
import { join } from "node:path"

/** The size at which a log file is rotated, in bytes. One older file is kept. */
const maxFileSize = 4 * 1_024 * 1_024

/** The maximum number of lines that wait for the disk. Beyond it, the oldest are dropped. */
const maxWaitingLines = 10_000

/**
 * Writes logs to a file that only its owner can read (mode 0600). At 4 MiB the file is renamed to `FILE.1`, which replaces an
 * earlier one. If the file cannot be written, lines are dropped.
 */
export const layerLogFile = (path: string) =>
  Layer.unwrap(Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const lines = yield* Queue.sliding<string>(maxWaitingLines)
    let size = yield* files.stat(path).pipe(Effect.map((info) => Number(info.size)), Effect.orElseSucceed(() => 0))

    const write = Effect.fnUntraced(function*(batch: ReadonlyArray<string>) {
      const text = `${batch.join("\n")}\n`
      if (size > maxFileSize) {
        yield* files.rename(path, olderLog(path))
        size = 0
      }
      size += Buffer.byteLength(text)
      yield* files.writeFileString(path, text, { flag: "a", mode: 0o600 })
    }, (effect) => Effect.ignore(effect))

    yield* Effect.addFinalizer(() =>
      Effect.flatMap(Queue.clear(lines), (rest) => rest.length === 0 ? Effect.void : write(rest))
    )
    yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.takeAll(lines), write)))
    const logger = Logger.map(Logger.formatLogFmt, (line) => void Queue.offerUnsafe(lines, line))
    return Logger.layer([logger])
  }))

/** Returns the path of the background daemon's log. The previous file is `daemon.log.1` in the same folder. */
export const logPath = (dataDir: string) => join(dataDir, "daemon.log")

/** Returns the path that a full log is renamed to. */
export const olderLog = (path: string) => `${path}.1`
