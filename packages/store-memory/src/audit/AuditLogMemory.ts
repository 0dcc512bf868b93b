import { AuditLog } from "@muster/domain"
import { Effect, Layer } from "effect"
import { AuditState } from "./AuditState.ts"

const make = (state: AuditState) =>
  AuditLog.AuditLog.of({
    append: (events) => Effect.sync(() => state.append(events)),
    page: (filter, cursor, max) => Effect.sync(() => state.page(filter, cursor, max)),
    prune: (before) => Effect.sync(() => state.prune(before, AuditLog.maxAuditPrune))
  })

/** The audit log in this process's memory: at most 100,000 events. */
export const AuditLogMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: AuditState): Layer.Layer<AuditLog.AuditLog> => Layer.succeed(AuditLog.AuditLog, make(state)),
  /** A backend of its own for each build. */
  layer: Layer.sync(AuditLog.AuditLog, () => make(new AuditState()))
}
