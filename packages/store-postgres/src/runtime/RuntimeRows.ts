import { type Gone, gone, type Lookup, Runtime, UserId } from "@muster/domain"
import { Schema } from "effect"
import { rowsOf } from "../client/Rows.ts"

/** Rows of `runtimes`. */
export const runtimes = rowsOf(Runtime)

/** Only where there is no row: one that cannot be read is no absent one. */
const Tombstone = Schema.Struct({
  id: Schema.Null,
  reason: Schema.NullOr(Schema.Literals(["deleted", "expired"])),
  removedBy: Schema.NullOr(UserId),
  removedAt: Schema.NullOr(Schema.Finite)
})

/** A row that may be there, beside a tombstone that may be there. */
const Found = Schema.Union([Runtime, Tombstone])

export const lookups = rowsOf(Found)

const goneOf = ({ reason, removedAt, removedBy }: typeof Tombstone.Type): Gone => {
  if (reason === null || removedAt === null) return gone.unknown
  return reason === "deleted" ? gone.deleted(removedBy, removedAt) : gone.expired(removedAt)
}

export const lookupOf = (found: typeof Found.Type): Lookup =>
  found.id === null ? goneOf(found) : { _tag: "Found", runtime: found }
