import { type Identity } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Effect } from "effect"

/** A use of a machine's credential from another daemon or machine. */
export interface RefusedUse {
  readonly credential: Identity.MachineCredential
  /** What the caller said it is; undefined where it did not say. */
  readonly daemonId: string | undefined
  readonly fingerprint: string | null
}

/** Returns the one place that reports a refused use of a machine's credential: one log line per machine and 10 min. */
export const makeReportRefusedUse = Effect.map(
  Conditions.orOwn,
  (conditions) => ({ credential, daemonId, fingerprint }: RefusedUse) =>
    conditions.begin(
      `copied credential:${credential.machineId}`,
      "another machine uses the credential of a machine, refusing it",
      {
        annotations: {
          machine_id: credential.machineId,
          user_id: credential.userId,
          daemon_id: credential.daemonId,
          by_daemon_id: daemonId ?? "",
          other_fingerprint: fingerprint !== credential.fingerprint
        },
        lapse: "no other machine uses that credential any more"
      }
    )
)
