import { Context, Effect } from "effect"

/**
 * Replaces a daemon id that another machine uses by a new one and stores it; does nothing if that was done before. Fails, and
 * keeps the id, if the new one cannot be stored. `message`: one sentence. The default is for a daemon that stores nothing.
 */
export const TakeOwnId = Context.Reference<Effect.Effect<void, { readonly message: string }>>(
  "@muster/daemon/identity/TakeOwnId",
  { defaultValue: () => Effect.fail({ message: "this daemon keeps no id" }) }
)
