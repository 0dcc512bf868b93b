import { type Identity, type Membership, RuntimeRegistry } from "@muster/domain"
import type { AccessState } from "../access/AccessState.ts"
import type { JournalState } from "../journal/JournalState.ts"
import type { MachineState } from "../machine/MachineState.ts"
import type { RegistryState } from "../runtime/RegistryState.ts"
import type { SkillState } from "../skill/SkillState.ts"

/** The tables that a membership or a workspace takes rows from when it ends. */
export interface MembershipTables {
  readonly access: AccessState
  readonly registry: RegistryState
  readonly machines: MachineState
  readonly skills: SkillState
  readonly journal: JournalState
}

/** Who leaves a workspace and why; `leaver` null: every member, since it is deleted. */
export interface Leaving {
  readonly workspaceId: Identity.WorkspaceId
  readonly leaver: Identity.UserId | null
  readonly reason: RuntimeRegistry.Departure
  readonly by: Identity.UserId
}

/** Removes the runtimes with a tombstone, and the tokens of their daemons. */
const runtimesLeave = ({ access, registry }: MembershipTables, leaving: Leaving, now: number): Membership.Departed => {
  const { by, leaver, reason, workspaceId } = leaving
  const rows = [...registry.rows].filter((row) =>
    row.workspaceId === workspaceId && (leaver === null || row.ownerId === leaver)
  )
  const daemons = new Set(rows.map(({ daemonId }) => daemonId))
  const tokens = [...access.daemonTokens].flatMap(([hash, { credential }]) =>
    credential._tag === "Daemon" && credential.workspaceId === workspaceId &&
      (leaver === null || daemons.has(credential.daemonId))
      ? [hash]
      : []
  )
  for (const row of rows) registry.drop(row, RuntimeRegistry.gone.departed(reason, by, now))
  for (const hash of tokens) access.daemonTokens.delete(hash)
  return { runtimes: rows.map(({ id }) => id), tokens }
}

/** Removes the machines from the workspace, and revokes their join secrets. Returns the credentials that ended. */
const machinesLeave = ({ machines }: MembershipTables, { leaver, workspaceId }: Leaving, now: number) => {
  const isOf = ({ ownerId }: { readonly ownerId: Identity.UserId }) => leaver === null || ownerId === leaver
  for (const [hash, token] of machines.tokens) {
    if (token.workspaceId !== workspaceId || !isOf(token) || token.usedAt !== null) continue
    machines.tokens.set(hash, { ...token, revokedAt: token.revokedAt ?? now })
  }
  for (const [id, key] of machines.keys) {
    if (key.workspaceId === workspaceId && isOf(key)) machines.keys.set(id, { ...key, revokedAt: key.revokedAt ?? now })
  }
  return [...machines.machines.values()].flatMap((machine) => {
    if (!machine.workspaces.includes(workspaceId) || !isOf(machine)) return []
    const workspaces = machine.workspaces.filter((one) => one !== workspaceId)
    if (workspaces.length === 0) return machines.drop(machine.id, now)
    machines.put({ ...machine, workspaces })
    return []
  })
}

/** Removes everything of the leaver from the workspace: runtimes, their daemons' tokens, machines. */
export const depart = (tables: MembershipTables, leaving: Leaving, now: number): Membership.Departed => {
  const { runtimes, tokens } = runtimesLeave(tables, leaving, now)
  return { runtimes, tokens: [...tokens, ...machinesLeave(tables, leaving, now)] }
}
