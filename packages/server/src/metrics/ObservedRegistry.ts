import type { Runtime, RuntimeRegistry } from "@muster/domain"
import { Effect } from "effect"
import type { ServerMetrics } from "./ServerMetrics.ts"

/** A row that this registration made was never changed. */
const isNew = ({ createdAt, updatedAt }: Runtime) => createdAt === updatedAt

const outcomes = {
  WorkspaceAbsent: "workspace_absent",
  DaemonOfAnother: "refused",
  RuntimesFull: "refused",
  StoreUnavailable: "fault"
} as const

/** The registry, its registrations counted by whether they brought anything new. */
export const observeRegistry = (
  real: RuntimeRegistry["Service"],
  { registrations }: ServerMetrics["Service"]
): RuntimeRegistry["Service"] => ({
  ...real,
  register: (registration) =>
    real.register(registration).pipe(
      Effect.tap((rows) => Effect.sync(() => rows.some(isNew) ? registrations.new() : registrations.again())),
      Effect.tapError((error) => Effect.sync(() => registrations[outcomes[error._tag]]()))
    )
})
