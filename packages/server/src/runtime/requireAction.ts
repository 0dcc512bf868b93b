import { type Access, mayAct, refusalOf, type RuntimeAction, wireError } from "@muster/domain"
import { Effect } from "effect"
import { ownerName } from "./ownerName.ts"
import type { RuntimeView } from "./RuntimeView.ts"

/** Fails if the person may not do this with the runtime. The error names the runtime's owner. */
export const requireAction = (access: Access["Service"], action: RuntimeAction, { runtime, standing }: RuntimeView) =>
  mayAct(action, standing)
    ? Effect.void
    : Effect.flatMap(
      runtime.ownerId === null ? Effect.succeed(null) : ownerName(access, runtime.ownerId),
      (owner) => Effect.fail(wireError.refused(refusalOf(action, standing, owner)))
    )
