import { join } from "node:path"

/** The log of a daemon in the background; the one before it lies beside it as `daemon.log.1`. */
export const logPath = (dataDir: string) => join(dataDir, "daemon.log")

/** Where a log goes when it is full. */
export const olderLog = (path: string) => `${path}.1`
