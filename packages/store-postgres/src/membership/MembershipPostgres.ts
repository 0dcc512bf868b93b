import { Membership } from "@muster/domain"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { acceptanceOperations } from "./Acceptance.ts"
import { invitationOperations } from "./Invitations.ts"
import { memberOperations } from "./Members.ts"
import { workspaceChangeOperations } from "./WorkspaceChanges.ts"

/** Changes of members, invitations and workspaces in PostgreSQL. Requires the schema: build it after `Migrations`. */
export const MembershipPostgres = {
  layer: Layer.effect(
    Membership.Membership,
    Effect.map(SqlClient.SqlClient, (sql) =>
      Membership.Membership.of({
        ...memberOperations(sql),
        ...invitationOperations(sql),
        ...acceptanceOperations(sql),
        ...workspaceChangeOperations(sql)
      }))
  )
}
