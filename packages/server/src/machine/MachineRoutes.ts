import { Api } from "@muster/domain"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { makeKeyHandlers } from "./JoinKeyHandlers.ts"
import { makeMachineHandlers } from "./MachineHandlers.ts"

/** The routes of people for machines and join keys. */
export const layerMachineRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "machines",
  Effect.fn(function*(handlers) {
    return handlers.handleAll({ ...(yield* makeMachineHandlers), ...(yield* makeKeyHandlers) })
  })
)
