import { Effect, Schema } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { TokenId, UserId } from "./Identity.ts"
import { Scope } from "./Scope.ts"

/** What a token is for: calls, a session of the console, or a link that signs in once. */
export const TokenPurpose = Schema.Literals(["api", "session", "link"])
export type TokenPurpose = typeof TokenPurpose.Type

/** What the store keeps of a token: its hash, never the secret. Times are epoch milliseconds. */
export const Token = Schema.Struct({
  id: TokenId,
  userId: UserId,
  purpose: TokenPurpose,
  /** The token that this one ends with, as `originOf` has it; null: none. */
  parentId: Schema.NullOr(TokenId),
  /** What its owner calls it; 1 to 200 characters. */
  name: Schema.String,
  /** What it may be used for, normalized. */
  scopes: Schema.Array(Scope),
  /** The first 12 characters, to recognize it by. */
  prefix: Schema.String,
  /** Null: never. */
  expiresAt: Schema.NullOr(Schema.Finite),
  lastUsedAt: Schema.NullOr(Schema.Finite),
  createdAt: Schema.Finite
})
export type Token = typeof Token.Type

/**
 * The token with which `maker`'s descendants end. A session is one way to use the token that it came from: what the
 * session makes outlives it, and ends with that token.
 */
export const originOf = (maker: Pick<Token, "id" | "purpose" | "parentId">): TokenId | null =>
  maker.purpose === "session" ? maker.parentId : maker.id

/** The end (epoch ms; null: never) of a token requested until `wanted` that ends no later than its origin. */
export const endWithin = (wanted: number | null, origin: number | null): number | null =>
  wanted === null ? origin : origin === null ? wanted : Math.min(wanted, origin)

/** How long before its end the person is warned of it, in ms. */
export const warnBefore = 14 * 24 * 60 * 60 * 1000

/** Whether a token with this end (epoch ms; null: never) ends soon enough that its person is warned. */
export const endsSoon = (expiresAt: number | null, now: number): expiresAt is number =>
  expiresAt !== null && expiresAt - now <= warnBefore

/** How many tokens that were not revoked a person may have: the maximum of one list. */
export const maxTokens = 1_000

/** How many API tokens that have not ended, and how many sessions, a person may have. */
export const maxApiTokens = 500
export const maxSessions = 100

/** How many tokens may descend from each other, the first one included. */
export const maxLineage = 16

/** How long a revoked or expired token is kept, in ms. */
export const endedRetention = 30 * 24 * 60 * 60 * 1000

/** SHA-256 of the whole token, as 64 lower-case hex digits: all that is ever stored of it. */
export const TokenHash = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)).pipe(Schema.brand("TokenHash"))
export type TokenHash = typeof TokenHash.Type

export type TokenKind = "user" | "daemon"
const prefixes = { user: "mul_", daemon: "mdt_" } as const

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/** FNV-1a over the random part. It tells a mistyped token from an unknown one without a query to the store. */
const checksum = (text: string) => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash.toString(16).padStart(8, "0")
}

/**
 * A new secret: its kind's prefix and 40 hex digits, as the protocol has it (`mul_` + 20 bytes). 16 bytes are random;
 * the last 4 are a checksum.
 */
export const generate = (kind: TokenKind): Effect.Effect<string> => generateSecret(prefixes[kind])

/** The secret with this random part of 32 hex digits: the same one each time. */
export const derive = (kind: TokenKind, random: string): string => `${prefixes[kind]}${random}${checksum(random)}`

/** The same as `generate` with another prefix, for secrets that are not API tokens. */
export const generateSecret = (prefix: string): Effect.Effect<string> =>
  Effect.sync(() => {
    const random = hex(SecureRandom.randomBytesUnsafe(16))
    return `${prefix}${random}${checksum(random)}`
  })

/** The kind a token claims to be, from its prefix alone, or undefined. */
export const kindOf = (token: string): TokenKind | undefined =>
  token.startsWith(prefixes.user) ? "user" : token.startsWith(prefixes.daemon) ? "daemon" : undefined

/** Whether Muster could have issued this text. False: it is mistyped or from another server, so no lookup is needed. */
export const isWellFormed = (token: string): boolean => kindOf(token) !== undefined && isWellFormedSecret(token)

/** The same for a secret with any prefix of four characters. */
export const isWellFormedSecret = (secret: string): boolean =>
  /^[0-9a-f]{40}$/.test(secret.slice(4)) && checksum(secret.slice(4, 36)) === secret.slice(36)

export const prefixOf = (token: string): string => token.slice(0, 12)
