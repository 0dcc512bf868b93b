import { Access } from "@muster/domain"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { accountOperations } from "./Accounts.ts"
import { tokenOperations } from "./Tokens.ts"
import { workspaceOperations } from "./Workspaces.ts"

/**
 * Users, their accounts, members, workspaces and tokens in PostgreSQL. Requires the schema: build it after
 * `Migrations`.
 */
export const AccessPostgres = {
  layer: Layer.effect(
    Access.Access,
    Effect.map(
      SqlClient.SqlClient,
      (sql) => Access.Access.of({ ...tokenOperations(sql), ...workspaceOperations(sql), ...accountOperations(sql) })
    )
  )
}
