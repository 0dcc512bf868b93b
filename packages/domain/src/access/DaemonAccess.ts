import type { DaemonId } from "./DaemonId.ts"
import type { Credential, UserId, WorkspaceId } from "./Identity.ts"

/** The part of a runtime's row that decides which credentials act as its daemon. */
export interface HeldRuntime {
  readonly workspaceId: WorkspaceId
  readonly daemonId: DaemonId | null
  readonly ownerId: UserId | null
}

/** Whether a row belongs to this person or to nobody. */
export const isOwnOrUnowned = (user: UserId, ownerId: UserId | null): boolean => ownerId === null || ownerId === user

/**
 * Whether a credential acts as the daemon of a runtime: beats, takes its work, reports, deregisters. A daemon's token:
 * for the rows of its own workspace and daemon, whoever owns them. A machine's credential: for the rows of its own daemon
 * in its own workspaces, of its owner or of nobody, while its owner is a member there (`isMember`). A person's token: for
 * the person's own rows and those that nobody owns, in workspaces that the person is a member of. No role is enough.
 */
export const actsAsDaemon = (credential: Credential, runtime: HeldRuntime, isMember: boolean): boolean => {
  switch (credential._tag) {
    case "Daemon":
      return credential.workspaceId === runtime.workspaceId && credential.daemonId === runtime.daemonId
    case "Machine":
      return isMember && credential.daemonId === runtime.daemonId &&
        credential.workspaces.includes(runtime.workspaceId) && isOwnOrUnowned(credential.userId, runtime.ownerId)
    case "User":
      return isMember && isOwnOrUnowned(credential.userId, runtime.ownerId)
  }
}

/**
 * Whether a registration writes a row of its own daemon id. `registrant`: the person whose token it came with; null: the
 * daemon's own token, which leaves the owner as it is. One row for which this is false refuses the whole registration,
 * so no person adds a runtime to another person's daemon.
 */
export const mayRegister = (registrant: UserId | null, ownerId: UserId | null): boolean =>
  registrant === null || isOwnOrUnowned(registrant, ownerId)

/** Whether a registration merges a row of an older daemon id away. A row for which this is false stays as it is. */
export const mayMerge = (registrant: UserId | null, ownerId: UserId | null): boolean =>
  ownerId === null || ownerId === registrant
