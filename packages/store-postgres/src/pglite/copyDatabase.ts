import type { Store } from "@muster/domain"
import { Effect, FileSystem, Path, type PlatformError } from "effect"
import { SqlClient } from "effect/sql"
import { asOperation } from "../client/Operation.ts"
import { databaseFolderName } from "./DatabaseFolder.ts"

/** How long the copy may take, with the wait for its turn. */
const deadline = "2 minutes"

/**
 * Copies the embedded database of a data folder to the new folder `to`, as of one moment, while it is in use: an open
 * transaction keeps the only session, so that no file changes. Other statements wait meanwhile. A copy that was begun is
 * finished, also if the caller is interrupted.
 */
export const copyDatabase = (
  dataFolder: string,
  to: string
): Effect.Effect<
  void,
  PlatformError.PlatformError | Store.StoreUnavailable,
  SqlClient.SqlClient | FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const from = path.join(dataFolder, databaseFolderName)
    const copy = Effect.andThen(sql`CHECKPOINT`, fs.copy(from, to))
    yield* Effect.uninterruptible(sql.withTransaction(copy)).pipe(asOperation("Backup.copy", deadline))
  })
