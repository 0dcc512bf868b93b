import { Effect, FileSystem, Layer, Logger, Queue } from "effect"
import { join } from "node:path"

/** A log file is begun anew at this size, in bytes; one older file is kept. */
const maxFileSize = 4 * 1_024 * 1_024

/** Lines that wait for the disk; beyond, the oldest are left out. */
const maxWaitingLines = 10_000

/**
 * Logs into a file of its owner's (mode 0600), bounded: at 4 MiB it becomes `FILE.1`, in the place of an earlier one. A
 * file that cannot be written loses lines and stops nothing.
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

/** The log of a daemon in the background; the one before it lies beside it as `daemon.log.1`. */
export const logPath = (dataDir: string) => join(dataDir, "daemon.log")

/** Where a log goes when it is full. */
export const olderLog = (path: string) => `${path}.1`
