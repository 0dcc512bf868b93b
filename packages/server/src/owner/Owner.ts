import type { Identity } from "@muster/domain"
import { Context, Effect, Layer, type Redacted } from "effect"
import { DataFolder } from "../data/DataFolder.ts"
import { StartupFailure } from "../data/StartupFailure.ts"
import { ensureOwner } from "./OwnerToken.ts"

/** The installation's owner: what the person who starts the server needs to use it. */
export class Owner extends Context.Service<Owner, {
  readonly userId: Identity.UserId
  readonly tokenId: Identity.TokenId
  readonly token: Redacted.Redacted<string>
  readonly tokenFile: string
  readonly workspaceId: Identity.WorkspaceId
}>()("@muster/server/owner/Owner") {
  static readonly layer = Layer.effect(
    this,
    Effect.flatMap(DataFolder, ensureOwner).pipe(
      Effect.catchTag(
        "StoreUnavailable",
        ({ message }) =>
          Effect.fail(new StartupFailure({ reason: "database", sentence: `the database cannot be used: ${message}` }))
      )
    )
  )
}
