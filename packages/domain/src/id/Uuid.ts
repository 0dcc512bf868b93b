import { Effect, Schema } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"

/** With the flag `u` only, a pattern is part of the API's description. */
const canonical = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u
const dashed = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const bare = /^[0-9a-f]{32}$/i

/**
 * Reads a UUID in the forms that the protocol allows: any case, with dashes or as 32 bare hex digits. Returns the
 * canonical lower-case text with dashes; undefined: the text is not a UUID.
 */
export const parse = (text: string): string | undefined => {
  if (canonical.test(text)) return text
  if (dashed.test(text)) return text.toLowerCase()
  if (!bare.test(text)) return undefined
  const hex = text.toLowerCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}

/** A UUID in canonical form: lower case, with dashes. */
export const Uuid = Schema.String.check(Schema.isPattern(canonical))

/** A new random UUID (version 4). */
export const random: Effect.Effect<string> = Effect.sync(() => SecureRandom.uuidV4Unsafe())
