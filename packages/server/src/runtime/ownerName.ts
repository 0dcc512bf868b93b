import type { Access, Identity } from "@muster/domain"
import { Effect, Option } from "effect"

/** Returns the name of a runtime's owner for an error message; `its owner` if the name cannot be loaded. */
export const ownerName = (access: Access.Access["Service"], owner: Identity.UserId): Effect.Effect<string> =>
  access.user(owner).pipe(
    Effect.map(Option.match({ onNone: () => "its owner", onSome: ({ name }) => name })),
    Effect.orElseSucceed(() => "its owner")
  )
