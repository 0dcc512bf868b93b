import type { ModelListRecord, RuntimeId } from "@muster/domain"
import type { Effect } from "effect"
import type { Session } from "../api/Session.ts"
import { follow } from "../request/follow.ts"

export type ModelListing = typeof ModelListRecord.Type

/** Asks a runtime for its models and follows the request to its end; the server's limits end it after 90 s. */
export const askModels = (
  { connection, muster }: Session,
  runtimeId: RuntimeId,
  onChange: (record: ModelListing) => Effect.Effect<void>
) =>
  follow({
    connection,
    limit: "100 seconds",
    ask: muster.requests.askModelList({ params: { runtimeId } }),
    look: (requestId, query) => muster.requests.lookModelList({ params: { runtimeId, requestId }, query }),
    onChange
  })
