import { type Identity } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Effect } from "effect"
import { Audit } from "../audit/Audit.ts"

/** A use of a machine's credential from another daemon or machine. */
export interface RefusedUse {
  readonly credential: Identity.MachineCredential
  /** What the caller sent; undefined: nothing. */
  readonly daemonId: string | undefined
  readonly fingerprint: string | null
}

/**
 * Returns what reports a refused use of a machine's credential: one log line per machine and 10 min, and the audit log of
 * the machine's workspaces.
 */
export const makeReportRefusedUse = Effect.gen(function*() {
  const audit = yield* Audit
  const conditions = yield* Conditions.orOwn
  return Effect.fnUntraced(function*({ credential, daemonId, fingerprint }: RefusedUse) {
    yield* Effect.forEach(credential.workspaces, (workspaceId) =>
      audit.record({
        action: "machine.refuse",
        workspaceId,
        target: { kind: "machine", id: credential.machineId, name: null },
        details: { reason: "credential of another machine", by_daemon_id: daemonId ?? null }
      }), { discard: true })
    yield* conditions.begin(
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
  })
})
