import type { DaemonId } from "./DaemonId.ts"
import type { Credential, UserId, WorkspaceId } from "./Identity.ts"

/** The part of a runtime's row that decides which credentials act as its daemon. */
export interface HeldRuntime {
  readonly workspaceId: WorkspaceId
  readonly daemonId: DaemonId | null
  readonly ownerId: UserId | null
}

/** Whether a row belongs to this person or has no owner. */
export const isOwnOrUnowned = (user: UserId, ownerId: UserId | null): boolean => ownerId === null || ownerId === user

/**
 * Whether a credential may act as the daemon of a runtime: beat, take its work, report, deregister. A daemon token: for
 * the rows of its own workspace and daemon, whatever their owner. A machine credential: for the rows of its own daemon
 * in its own workspaces that have the same owner or none, while its owner is a member there (`isMember`). A person's
 * token: for the person's own rows and rows without an owner, in workspaces that the person is a member of. A role
 * alone is not enough.
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
 * Whether a registration may write a row of its own daemon id. `registrant`: the person whose token it used; null: a
 * daemon token, which keeps the owner. One row for which this is false refuses the whole registration, so a person
 * cannot add a runtime to another person's daemon.
 */
export const mayRegister = (registrant: UserId | null, ownerId: UserId | null): boolean =>
  registrant === null || isOwnOrUnowned(registrant, ownerId)

/**
 * Whether a registration may merge and remove a row of an older daemon id. A row for which this is false does not
 * change.
 */
export const mayMerge = (registrant: UserId | null, ownerId: UserId | null): boolean =>
  ownerId === null || ownerId === registrant
