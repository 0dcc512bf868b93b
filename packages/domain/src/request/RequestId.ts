import { Effect, Schema } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"

/** 16 random bytes as 32 lower-case hex digits; not a UUID. Source: `wire.md` 1.3. */
export const RequestId = Schema.String.check(Schema.isPattern(/^[0-9a-f]{32}$/)).pipe(Schema.brand("RequestId"))
export type RequestId = typeof RequestId.Type

export const randomRequestId: Effect.Effect<RequestId> = Effect.sync(() =>
  RequestId.make(Array.from(SecureRandom.randomBytesUnsafe(16), (byte) => byte.toString(16).padStart(2, "0")).join(""))
)
