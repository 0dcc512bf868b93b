import { Context, Effect } from "effect"

/**
 * Takes a daemon id of this machine's own, in the place of one that another machine uses too, and keeps it on the disk;
 * does nothing where that was done before. Fails where it cannot be kept: then the id stays as it was. `message`: one
 * sentence. The default is for a daemon that keeps nothing.
 */
export const TakeOwnId = Context.Reference<Effect.Effect<void, { readonly message: string }>>(
  "@muster/daemon/identity/TakeOwnId",
  { defaultValue: () => Effect.fail({ message: "this daemon keeps no id" }) }
)
