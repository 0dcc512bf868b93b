import { Effect, Schema } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Hex from "effect/encoding/Hex"

/** 16 random bytes as 32 lower-case hex digits; not a UUID. Source: `docs/protocol.md` 1.3. */
export const RequestId = Schema.String.check(Schema.isPattern(/^[0-9a-f]{32}$/)).pipe(Schema.brand("RequestId"))
export type RequestId = typeof RequestId.Type

const size = 16

/** Random bytes for this id and the next ones: one system call per id would cost more than the rest of it. */
let pool = new Uint8Array(0)
let used = 0

const nextBytes = (): Uint8Array => {
  if (used === pool.length) {
    pool = new Uint8Array(SecureRandom.randomBytesUnsafe(64 * size))
    used = 0
  }
  return pool.subarray(used, used += size)
}

export const randomId: Effect.Effect<RequestId> = Effect.sync(() => RequestId.make(Hex.encode(nextBytes())))
