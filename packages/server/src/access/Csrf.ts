import { Effect } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { createHmac, timingSafeEqual } from "node:crypto"

const sign = (session: string, nonce: Buffer) => createHmac("sha256", session).update(nonce).digest()

/** Returns a new CSRF token for this session: `nonce.HMAC`, both in hex. Source: `docs/protocol.md` 2.3. */
export const csrfToken = (session: string): Effect.Effect<string> =>
  Effect.sync(() => {
    const nonce = Buffer.from(SecureRandom.randomBytesUnsafe(16))
    return `${nonce.toString("hex")}.${sign(session, nonce).toString("hex")}`
  })

const form = /^([0-9a-f]{32})\.([0-9a-f]{64})$/

/** Returns whether the text is a CSRF token of this session. */
export const isCsrfToken = (session: string, text: string | undefined): boolean => {
  const [, nonce, mac] = form.exec(text ?? "") ?? []
  return nonce !== undefined && mac !== undefined &&
    timingSafeEqual(sign(session, Buffer.from(nonce, "hex")), Buffer.from(mac, "hex"))
}
