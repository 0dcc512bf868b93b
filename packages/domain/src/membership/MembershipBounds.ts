import { Context } from "effect"
import { maxMembers, maxWorkspaces } from "../access/Workspace.ts"
import { maxPending } from "./Invitation.ts"

/** How many rows of one owner a store takes; a test has fewer. */
export const MembershipBounds = Context.Reference<{
  /** Of one workspace, that can still be accepted. */
  readonly invitations: number
  /** Of one workspace. */
  readonly members: number
  /** That one person is in. Two that are joined at once may both be the last one. */
  readonly workspaces: number
}>("@muster/domain/membership/MembershipBounds", {
  defaultValue: () => ({ invitations: maxPending, members: maxMembers, workspaces: maxWorkspaces })
})
