import { Access, Api, Security, WireError } from "@muster/domain"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"

/** The routes for the members of a workspace. */
export const layerMemberRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "members",
  Effect.fn(function*(handlers) {
    const access = yield* Access.Access
    return handlers.handleAll({
      list: Effect.fnUntraced(function*() {
        const { workspace } = yield* Security.CurrentWorkspace
        return yield* access.membersOf(workspace.id).pipe(
          Effect.mapError((cause) => WireError.fault("failed to list members", cause))
        )
      })
    })
  })
)
