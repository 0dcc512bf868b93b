import type { Identity } from "@muster/domain"
import { Config, Context, Effect, Layer, Option, Redacted } from "effect"
import { DataFolder } from "../data/DataFolder.ts"
import { StartupFailure } from "../data/StartupFailure.ts"
import { ensureOwner } from "./OwnerToken.ts"

/** The variable `MUSTER_OWNER_SECRET`; an empty one counts as not set. */
const ownerSecret = Config.option(Config.Redacted("MUSTER_OWNER_SECRET")).pipe(
  Effect.map(Option.filter((secret) => Redacted.value(secret) !== "")),
  Effect.orElseSucceed(() => Option.none<Redacted.Redacted>()),
  Effect.map(Option.getOrUndefined)
)

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
    Effect.gen(function*() {
      return yield* ensureOwner(yield* DataFolder, yield* ownerSecret)
    }).pipe(
      Effect.catchTag(
        "StoreUnavailable",
        ({ message }) =>
          Effect.fail(new StartupFailure({ reason: "database", sentence: `the database cannot be used: ${message}` }))
      )
    )
  )
}
