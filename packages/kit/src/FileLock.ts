import { Data, Effect, type Scope } from "effect"
import { DatabaseSync } from "node:sqlite"

/** SQLite's error code for a database that another process has locked. */
const busy = 5

/** A lock file that could not be taken. */
export class FileLockFailed extends Data.TaggedError("FileLockFailed")<{
  /** `held`: another process holds the lock. `unusable`: the file cannot be created or opened. */
  readonly reason: "held" | "unusable"
  /** SQLite's message. */
  readonly message: string
}> {}

const open = (path: string): DatabaseSync => {
  const file = new DatabaseSync(path)
  try {
    file.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE")
    return file
  } catch (error) {
    file.close()
    throw error
  }
}

const failureOf = (cause: unknown) => {
  const { errcode, message } = cause as { readonly errcode?: number; readonly message: string }
  return new FileLockFailed({ reason: errcode === busy ? "held" : "unusable", message })
}

/**
 * Holds an exclusive lock on the file at `path` until the scope ends; fails at once if another process holds it. It is a lock
 * of the operating system, taken through an empty SQLite file, so it ends with the process, even if the process is killed.
 */
export const lockFile = (path: string): Effect.Effect<void, FileLockFailed, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.try({ try: () => open(path), catch: failureOf }),
    (file) => Effect.sync(() => file.close())
  ))
