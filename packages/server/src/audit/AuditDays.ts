import { AuditLog } from "@muster/domain"
import { Config, Context, Effect, Layer, Schema } from "effect"
import { StartupFailure } from "../data/StartupFailure.ts"

/** How long the audit log keeps events, in days. */
export const AuditDays = Context.Reference<number>("@muster/server/audit/AuditDays", {
  defaultValue: () => AuditLog.defaultAuditDays
})

const maxDays = 3_650

const days = Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 1, maximum: maxDays }))

/** Reads the days from the variable `MUSTER_AUDIT_DAYS`. */
export const layerAuditDays = Layer.effect(
  AuditDays,
  Config.withDefault(Config.schema(days, "MUSTER_AUDIT_DAYS"), AuditLog.defaultAuditDays).pipe(
    Effect.mapError(() =>
      new StartupFailure({
        reason: "configuration",
        sentence: `MUSTER_AUDIT_DAYS must be a whole number of days from 1 to ${maxDays}`
      })
    )
  )
)
