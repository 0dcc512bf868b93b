import type { Runtime, RuntimeRegistry } from "@muster/domain"
import { Effect } from "effect"
import type { ServerMetrics } from "./ServerMetrics.ts"

/** A new row has not been changed. */
const isNew = ({ createdAt, updatedAt }: Runtime.Runtime) => createdAt === updatedAt

const outcomes = {
  WorkspaceAbsent: "workspace_absent",
  DaemonOfAnother: "refused",
  RuntimesFull: "refused",
  StoreUnavailable: "fault"
} as const

/** Counts registrations by outcome; `new`: at least one runtime was created. */
export const observeRegistry = (
  real: RuntimeRegistry.RuntimeRegistry["Service"],
  { registrations }: ServerMetrics["Service"]
): RuntimeRegistry.RuntimeRegistry["Service"] => ({
  ...real,
  register: (registration) =>
    real.register(registration).pipe(
      Effect.tap(({ runtimes }) =>
        Effect.sync(() => runtimes.some(isNew) ? registrations.new() : registrations.again())
      ),
      Effect.tapError((error) => Effect.sync(() => registrations[outcomes[error._tag]]()))
    )
})
