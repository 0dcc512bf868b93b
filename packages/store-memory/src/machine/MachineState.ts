import type { Identity, Join, Machine, Token } from "@muster/domain"

/** The join token of one machine. Times in epoch ms. */
export interface JoinTokenRow {
  readonly machineId: Identity.MachineId
  readonly ownerId: Identity.UserId
  readonly workspaceId: Identity.WorkspaceId
  readonly expiresAt: number
  readonly usedAt: number | null
  readonly revokedAt: number | null
}

export interface CredentialRow {
  readonly machineId: Identity.MachineId
  readonly fingerprint: string | null
  readonly createdAt: number
  readonly expiresAt: number
  readonly usedAt: number | null
}

/**
 * The tables of machines. Layers built on the same state are nodes of one backend. Rows are never changed in place, so
 * a returned row does not change.
 */
export class MachineState {
  /**
   * In the order of creation, as every map here. `workspaces`: includes those that the owner is no longer a member of.
   */
  readonly machines = new Map<Identity.MachineId, Machine.Machine>()
  readonly tokens = new Map<Token.TokenHash, JoinTokenRow>()
  readonly keys = new Map<Machine.JoinKeyId, Join.JoinKey>()
  readonly keyByHash = new Map<Token.TokenHash, Machine.JoinKeyId>()
  readonly credentials = new Map<Token.TokenHash, CredentialRow>()

  /** The owner's machine with this daemon. */
  ofDaemon(owner: Identity.UserId, daemon: Identity.DaemonId): Machine.Machine | undefined {
    return [...this.machines.values()].find(({ daemonId, ownerId }) => ownerId === owner && daemonId === daemon)
  }

  put(machine: Machine.Machine): Machine.Machine {
    this.machines.set(machine.id, machine)
    return machine
  }

  credentialsOf(machine: Identity.MachineId): ReadonlyArray<readonly [Token.TokenHash, CredentialRow]> {
    return [...this.credentials].filter(([, { machineId }]) => machineId === machine)
  }

  /** Removes the machine with its credentials and revokes its token. Returns the credentials' hashes. */
  drop(id: Identity.MachineId, now: number): ReadonlyArray<Token.TokenHash> {
    this.machines.delete(id)
    const ended = this.credentialsOf(id).map(([hash]) => hash)
    for (const hash of ended) this.credentials.delete(hash)
    for (const [hash, token] of this.tokens) {
      const isValid = token.machineId === id && token.revokedAt === null && token.expiresAt > now
      if (isValid) this.tokens.set(hash, { ...token, revokedAt: now })
    }
    return ended
  }
}
