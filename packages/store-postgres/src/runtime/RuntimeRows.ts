import { Identity, Runtime, RuntimeRegistry } from "@muster/domain"
import { Schema } from "effect"
import { rowsOf } from "../client/Rows.ts"

/** Rows of `runtimes`. */
export const runtimes = rowsOf(Runtime.Runtime)

const Tombstone = Schema.Struct({
  reason: Schema.Literals(["deleted", "expired", "member_left", "workspace_deleted"]),
  removedBy: Schema.NullOr(Identity.UserId),
  removedAt: Schema.Finite
})
/** Rows of `runtime_tombstones`. */
export const tombstones = rowsOf(Tombstone)

export const goneOf = ({ reason, removedAt, removedBy }: typeof Tombstone.Type): RuntimeRegistry.Gone => {
  if (reason === "expired") return RuntimeRegistry.gone.expired(removedAt)
  return reason === "deleted"
    ? RuntimeRegistry.gone.deleted(removedBy, removedAt)
    : RuntimeRegistry.gone.departed(reason, removedBy, removedAt)
}
