import { Schema } from "effect"
import { RuntimeId } from "../runtime/Runtime.ts"
import { Transport } from "../wire/Transport.ts"
import { ReplicaName } from "./JournalEntry.ts"

/** Where a runtime was last heard: written when that changes, not with each beat. */
export const Whereabouts = Schema.Struct({
  runtimeId: RuntimeId,
  on: ReplicaName,
  /** Null: its socket there ended, and it was not heard anywhere since. */
  via: Schema.NullOr(Transport),
  /** Epoch ms. */
  since: Schema.Finite
})
export type Whereabouts = typeof Whereabouts.Type

/** Which of two notes holds: the later one; but that a socket ended matters only where no other replica was heard since. */
export const laterWhereabouts = (known: Whereabouts | undefined, next: Whereabouts): Whereabouts => {
  if (known === undefined) return next
  if (next.via === null && known.on !== next.on) return known
  return next.since >= known.since ? next : known
}
