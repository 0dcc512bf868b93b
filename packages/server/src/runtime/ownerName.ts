import type { Access, UserId } from "@muster/domain"
import { Effect, Option } from "effect"

/** Returns the name of a runtime's owner for an error message; `its owner` if the name cannot be loaded. */
export const ownerName = (access: Access["Service"], owner: UserId): Effect.Effect<string> =>
  access.user(owner).pipe(
    Effect.map(Option.match({ onNone: () => "its owner", onSome: ({ name }) => name })),
    Effect.orElseSucceed(() => "its owner")
  )
