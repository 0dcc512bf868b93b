import { Context } from "effect"
import { maxMembers, maxWorkspaces } from "../access/Workspace.ts"
import { maxPending } from "./Invitation.ts"

/** How many rows of one owner a store accepts; tests use fewer. */
export const MembershipBounds = Context.Reference<{
  /** Of one workspace, that can still be accepted. */
  readonly invitations: number
  /** Of one workspace. */
  readonly members: number
  /** Of one person. Two concurrent joins may both take the last place. */
  readonly workspaces: number
}>("@muster/domain/membership/MembershipBounds", {
  defaultValue: () => ({ invitations: maxPending, members: maxMembers, workspaces: maxWorkspaces })
})
