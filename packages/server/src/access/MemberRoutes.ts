import { Access, CurrentWorkspace, MusterApi, wireError } from "@muster/domain"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"

/** The routes for the members of a workspace. */
export const layerMemberRoutes = HttpApiBuilder.group(
  MusterApi,
  "members",
  Effect.fn(function*(handlers) {
    const access = yield* Access
    return handlers.handleAll({
      list: Effect.fnUntraced(function*() {
        const { workspace } = yield* CurrentWorkspace
        return yield* access.membersOf(workspace.id).pipe(
          Effect.mapError((cause) => wireError.fault("failed to list members", cause))
        )
      })
    })
  })
)
