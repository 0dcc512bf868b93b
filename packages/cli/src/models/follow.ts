import type { ModelListRecord, RuntimeId } from "@muster/domain"
import { Effect } from "effect"
import type { Session } from "../api/Session.ts"
import { follow } from "../request/follow.ts"

export type ModelListing = typeof ModelListRecord.Type

/** Asks a runtime for its models (with `fresh` whatever the server has kept) and follows the request to its end; the server's limits end it after 90 s. */
export const askModels = (
  { connection, muster }: Session,
  runtimeId: RuntimeId,
  fresh: boolean,
  onChange: (record: ModelListing) => Effect.Effect<void>
) =>
  follow({
    connection,
    limit: "100 seconds",
    ask: muster.requests.askModelList({ params: { runtimeId }, query: fresh ? { fresh: "1" } : {} }),
    look: (requestId, query) => muster.requests.lookModelList({ params: { runtimeId, requestId }, query }),
    // A kept list went no way that could be shown.
    onChange: (record) => record.cached === true ? Effect.void : onChange(record)
  })
