import { Api, Fleet, Security, WireError } from "@muster/domain"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { FleetEntries } from "./FleetEntries.ts"
import { fleetQueryFrom } from "./fleetQueryFrom.ts"

/** The route that filters, sorts and pages the fleet. */
export const layerFleetRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "fleet",
  Effect.fn(function*(handlers) {
    const entries = yield* FleetEntries
    return handlers.handleAll({
      page: Effect.fnUntraced(function*({ query }) {
        const { workspace } = yield* Security.CurrentWorkspace
        const { userId } = yield* Security.Caller
        const wanted = yield* fleetQueryFrom(query, userId)
        const all = yield* entries.of(workspace.id).pipe(
          Effect.mapError((cause) => WireError.fault("failed to list runtimes", cause))
        )
        const { groups, items, ...page } = Fleet.page(all, wanted)
        return { ...page, items: items.map(Api.fleetItem), ...(groups !== undefined && { groups }) }
      })
    })
  })
)
