import type { Role, UserId } from "./Identity.ts"

/** What a person may want to do to a runtime of a workspace. */
export type RuntimeAction = "see" | "ask" | "edit" | "delete"

/** How the caller stands to the runtime: their role in its workspace, and whether they own it. */
export interface Standing {
  readonly role: Role
  readonly isOwner: boolean
}

/** The one table of who may do what. Every member sees and asks; owners of the runtime, admins and owners change it. */
const table: Record<RuntimeAction, (standing: Standing) => boolean> = {
  see: () => true,
  ask: () => true,
  edit: ({ isOwner, role }) => isOwner || role !== "member",
  delete: ({ isOwner, role }) => isOwner || role !== "member"
}

export const mayAct = (action: RuntimeAction, standing: Standing): boolean => table[action](standing)

export const standingOf = (role: Role, user: UserId, owner: UserId | null): Standing => ({
  role,
  isOwner: owner !== null && owner === user
})
