import type { Role, UserId } from "./Identity.ts"

/** What a person may want to do to a runtime of a workspace. */
export type RuntimeAction = "see" | "edit" | "delete" | "takeOver"

/** How the caller stands to the runtime: their role in its workspace, and whether they own it. */
export interface Standing {
  readonly role: Role
  readonly isOwner: boolean
}

/**
 * The one table of who may do what. Every member sees; owners of the runtime, admins and owners change it; admins and
 * owners of the workspace make it their own.
 */
const table: Record<RuntimeAction, (standing: Standing) => boolean> = {
  see: () => true,
  edit: ({ isOwner, role }) => isOwner || role !== "member",
  delete: ({ isOwner, role }) => isOwner || role !== "member",
  takeOver: ({ role }) => role !== "member"
}

export const mayAct = (action: RuntimeAction, standing: Standing): boolean => table[action](standing)

export const standingOf = (role: Role, user: UserId, owner: UserId | null): Standing => ({
  role,
  isOwner: owner !== null && owner === user
})

/**
 * Whom something is for: any member of the runtime's workspace; the runtime's owner alone, whatever others are in the
 * workspace; or its owner and the workspace's owners and admins.
 */
export type Audience = "member" | "owner" | "ownerOrAdmin"

const audiences: Record<Audience, (standing: Standing) => boolean> = {
  member: () => true,
  owner: ({ isOwner }) => isOwner,
  ownerOrAdmin: ({ isOwner, role }) => isOwner || role !== "member"
}

export const isAmong = (audience: Audience, standing: Standing): boolean => audiences[audience](standing)
