import { Option, Redacted } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto"

const algorithm = "aes-256-gcm"
const nonceBytes = 12
const tagBytes = 16

const decrypt = (key: Buffer, text: string): string => {
  const bytes = Buffer.from(text, "base64url")
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, "utf8") + decipher.final("utf8")
}

/** Encrypts and signs texts, so that a browser can keep them for the server without reading or changing them. */
export interface Seal {
  /** Returns the sealed text, in base64url: four thirds of its length, and 38 characters. */
  readonly seal: (text: string) => string
  /** None: not sealed by this seal, or changed. */
  readonly open: (sealed: string) => Option.Option<string>
}

/**
 * Returns the seal of a secret for one purpose. Replicas with the same secret open each other's seals; seals of another
 * purpose do not open. AES-256-GCM with a key by HKDF-SHA-256.
 */
export const makeSeal = (secret: Redacted.Redacted, purpose: string): Seal => {
  const key = Buffer.from(hkdfSync("sha256", Redacted.value(secret), "", `muster ${purpose}`, 32))
  return {
    seal: (text) => {
      const nonce = SecureRandom.randomBytesUnsafe(nonceBytes)
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url")
    },
    open: Option.liftThrowable((sealed: string) => decrypt(key, sealed))
  }
}
