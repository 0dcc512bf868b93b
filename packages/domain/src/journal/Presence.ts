import { Schema } from "effect"
import { RuntimeId } from "../runtime/Runtime.ts"
import { Transport } from "../runtime/Transport.ts"
import { ReplicaName } from "./JournalEntry.ts"

/** Which replica holds a runtime's connection. Written when that changes, not with each beat. */
export const Presence = Schema.Struct({
  runtimeId: RuntimeId,
  on: ReplicaName,
  /** Null: its socket on that replica ended, and no replica has received a beat since. */
  via: Schema.NullOr(Transport),
  /** Epoch ms. */
  since: Schema.Finite
})
export type Presence = typeof Presence.Type

/**
 * Returns the note that applies: the later one. The end of a socket counts only while no other replica holds the
 * runtime.
 */
export const laterPresence = (known: Presence | undefined, next: Presence): Presence => {
  if (known === undefined) return next
  if (next.via === null && known.on !== next.on) return known
  return next.since >= known.since ? next : known
}
