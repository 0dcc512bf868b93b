import { type Access, Permission, WireError } from "@muster/domain"
import { Effect } from "effect"
import { ownerName } from "./ownerName.ts"
import type { RuntimeView } from "./RuntimeView.ts"

/** Fails if the person may not do this with the runtime. The error names the runtime's owner. */
export const requireAction = (
  access: Access.Access["Service"],
  action: Permission.RuntimeAction,
  { runtime, standing }: RuntimeView
) =>
  Permission.mayAct(action, standing)
    ? Effect.void
    : Effect.flatMap(
      runtime.ownerId === null ? Effect.succeed(null) : ownerName(access, runtime.ownerId),
      (owner) => Effect.fail(WireError.refused(Permission.refusalOf(action, standing, owner)))
    )
