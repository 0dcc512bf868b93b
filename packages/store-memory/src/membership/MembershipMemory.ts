import { Membership } from "@muster/domain"
import { Layer } from "effect"
import { invitations } from "./Invitations.ts"
import { members } from "./Members.ts"
import type { MembershipTables } from "./MembershipTables.ts"
import { workspaceChanges } from "./WorkspaceChanges.ts"

/** Changes of members, invitations and workspaces in this process's memory. */
export const MembershipMemory = {
  /** A node on these tables, which the other stores of the backend share. */
  layerOn: (tables: MembershipTables): Layer.Layer<Membership.Membership> =>
    Layer.succeed(
      Membership.Membership,
      Membership.Membership.of({ ...members(tables), ...invitations(tables.access), ...workspaceChanges(tables) })
    )
}
