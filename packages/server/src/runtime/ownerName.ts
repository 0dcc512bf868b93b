import type { Access, UserId } from "@muster/domain"
import { Effect, Option } from "effect"

/** What a sentence for people calls the owner of a runtime: their name; where it cannot be had, `its owner`. */
export const ownerName = (access: Access["Service"], owner: UserId): Effect.Effect<string> =>
  access.user(owner).pipe(
    Effect.map(Option.match({ onNone: () => "its owner", onSome: ({ name }) => name })),
    Effect.orElseSucceed(() => "its owner")
  )
