import { Api } from "@muster/domain"
import { Data, Schema } from "effect"

/** What a backup says of itself. It is the file `manifest.json` of the archive. */
export const Manifest = Schema.Struct({
  format: Schema.Literal(1),
  /** The version of Muster that made it. */
  muster: Schema.String,
  /** The version of the database's schema. */
  schema: Schema.Int,
  /** The major version of PostgreSQL. */
  postgres: Schema.String,
  /** ISO 8601. */
  made_at: Schema.String
})
export type Manifest = typeof Manifest.Type

/** The names in the archive, and in the data folder. */
export const names = { manifest: "manifest.json", token: "token", database: "database" } as const

/** What this version brings. */
export interface EmbeddedVersion {
  /** The newest schema that it knows. */
  readonly schema: number
  /** The major version of PostgreSQL. */
  readonly postgres: string
}

/** The manifest of a backup that this version makes. `now`: epoch ms. */
export const manifestAt = (now: number, { postgres, schema }: EmbeddedVersion): Manifest => ({
  format: 1,
  muster: Api.version,
  schema,
  postgres,
  made_at: new Date(now).toISOString()
})

/** A backup cannot be made or restored. The message is one sentence for the person who asked. */
export class BackupFailure extends Data.TaggedError("BackupFailure")<{
  /** `file`: it is no whole backup. `newer`: this version cannot use it. `folder`: the place cannot be used. */
  readonly reason: "file" | "newer" | "folder"
  readonly sentence: string
}> {
  override get message() {
    return this.sentence
  }
}

/** Why a version cannot use a backup with this manifest; undefined: it can. */
export const whyUnusable = ({ muster, postgres, schema }: Manifest, own: EmbeddedVersion): string | undefined =>
  schema > own.schema
    ? `the backup was made by a newer Muster (${muster}): its schema is ${schema}, and this one knows up to ${own.schema}`
    : postgres !== own.postgres
    ? `the backup has a database of PostgreSQL ${postgres}, and this Muster brings PostgreSQL ${own.postgres}: use Muster ${muster}`
    : undefined
