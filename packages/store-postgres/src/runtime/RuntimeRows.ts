import { type Gone, gone, Runtime, UserId } from "@muster/domain"
import { Schema } from "effect"
import { rowsOf } from "../client/Rows.ts"

/** Rows of `runtimes`. */
export const runtimes = rowsOf(Runtime)

const Tombstone = Schema.Struct({
  reason: Schema.Literals(["deleted", "expired"]),
  removedBy: Schema.NullOr(UserId),
  removedAt: Schema.Finite
})
/** Rows of `runtime_tombstones`. */
export const tombstones = rowsOf(Tombstone)

export const goneOf = ({ reason, removedAt, removedBy }: typeof Tombstone.Type): Gone =>
  reason === "deleted" ? gone.deleted(removedBy, removedAt) : gone.expired(removedAt)
