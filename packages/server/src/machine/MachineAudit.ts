import { type Identity, type Join, type Machine, type Machines } from "@muster/domain"
import { Effect } from "effect"
import { Audit, type AuditNote } from "../audit/Audit.ts"

export const targetOf = ({ id, name }: Pick<Machine.Machine, "id" | "name">) => ({ kind: "machine", id, name })
export const keyTarget = ({ id, name }: Join.JoinKey) => ({ kind: "join_key", id, name })

/** What a change of a machine is in the audit log. */
export const changesOf = (
  machine: Machine.Machine,
  { drain, labels, name }: Machines.MachineEdit
): ReadonlyArray<AuditNote> => {
  const target = targetOf(machine)
  const notes: Array<AuditNote> = []
  if (name !== undefined && name !== machine.name) {
    notes.push({ action: "machine.rename", target, details: { from: machine.name, to: name } })
  }
  if (labels !== undefined) {
    notes.push({ action: "machine.label", target, details: { from: machine.labels.join(" "), to: labels.join(" ") } })
  }
  if (drain === null && machine.drain !== null) notes.push({ action: "machine.resume", target })
  if (drain !== null && drain !== undefined) {
    notes.push({ action: "machine.drain", target, details: { note: drain.note } })
  }
  return notes
}

/** Returns a function that records something in the log of each of these workspaces. */
export const makeRecordIn = Effect.map(
  Audit,
  (audit) => (workspaces: ReadonlyArray<Identity.WorkspaceId>, note: AuditNote) =>
    Effect.forEach(workspaces, (workspaceId) => audit.record({ ...note, workspaceId }), { discard: true })
)
