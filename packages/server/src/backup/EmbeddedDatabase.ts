import type { Store } from "@muster/domain"
import { Context, type Effect, type PlatformError } from "effect"
import type { EmbeddedVersion } from "./Manifest.ts"

/** The embedded database of this server, for its backup. */
export interface EmbeddedDatabase {
  readonly version: EmbeddedVersion
  /** Copies it to a new folder, as of one moment, while it is in use. */
  readonly copyTo: (folder: string) => Effect.Effect<void, PlatformError.PlatformError | Store.StoreUnavailable>
}

/** `undefined`: the data are in another place, which has tools of its own for backups. */
export const EmbeddedDatabase = Context.Reference<EmbeddedDatabase | undefined>(
  "@muster/server/backup/EmbeddedDatabase",
  { defaultValue: () => undefined }
)
