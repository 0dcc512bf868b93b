import { type Effect, Schema } from "effect"
import { UserId, WorkspaceId } from "../access/Identity.ts"
import { generateSecret, isWellFormedSecret } from "../access/Token.ts"
import { JoinKeyId, Label } from "./Machine.ts"

const minute = 60_000
const day = 24 * 60 * minute

/** How long the token of one machine may be used, in ms. */
export const joinTokenLifetime = 60 * minute

/** How long a key may be used at most, in days. */
export const maxJoinKeyDays = 90

/** How many keys that have not ended a workspace may have. */
export const maxJoinKeys = 100

/** How often a key with a limit may be used at most. */
export const maxJoinKeyUses = 100_000

/** How long a credential of a machine is valid, in ms. The daemon renews it at half of this. */
export const credentialLifetime = 30 * day

/** How long older credentials of a machine go on once a newer one was used, in ms. */
export const credentialOverlap = 10 * minute

/** How long tokens and keys that ended are remembered, in ms: who comes late is told why. */
export const endedJoinRetention = 30 * day

/** With what a machine joins: a token (once, for one machine) or a key (several machines). */
export type JoinSecretKind = "token" | "key"

const prefixes = { token: "mjt_", key: "mjk_" } as const

/** A new secret to join with: `mjt_` or `mjk_` and 40 hex digits. */
export const generate = (kind: JoinSecretKind): Effect.Effect<string> => generateSecret(prefixes[kind])

/** What a secret claims to be, from its prefix; undefined where Muster did not issue it, such as a mistyped one. */
export const kindOf = (secret: string): JoinSecretKind | undefined => {
  if (!isWellFormedSecret(secret)) return undefined
  return secret.startsWith(prefixes.token) ? "token" : secret.startsWith(prefixes.key) ? "key" : undefined
}

/** A key by which machines join a workspace, for build machines. The machines belong to its maker. Times in epoch ms. */
export const JoinKey = Schema.Struct({
  id: JoinKeyId,
  workspaceId: WorkspaceId,
  ownerId: UserId,
  name: Schema.String,
  /** The first characters, to recognise it by. */
  prefix: Schema.String,
  labels: Schema.Array(Label),
  /** Its machines are removed after `ephemeralSilence`. */
  ephemeral: Schema.Boolean,
  /** How often it may be used; null: until its end. */
  maxUses: Schema.NullOr(Schema.Finite),
  uses: Schema.Finite,
  expiresAt: Schema.Finite,
  revokedAt: Schema.NullOr(Schema.Finite),
  createdAt: Schema.Finite
})
export type JoinKey = typeof JoinKey.Type

/**
 * Why a machine may not join. `unknown`: no such token or key; `used`: a token that was used, a key that was used as often as
 * it may be; `left`: its maker is no longer a member of the workspace.
 */
export type JoinRefusal = "unknown" | "used" | "expired" | "revoked" | "left"

const named = { token: "join token", key: "join key" } as const
const another = {
  token: "make another one with `muster machines add`",
  key: "ask an owner or admin of the workspace for another one"
} as const

/** Why a machine may not join, for the person at it, and what to do. */
export const joinRefusalText = (reason: JoinRefusal, kind: JoinSecretKind): string => {
  const what = `this ${named[kind]}`
  const next = another[kind]
  switch (reason) {
    case "unknown":
      return `${what} is not known to this server: check that it is complete and that the server's URL is right`
    case "used":
      return kind === "token"
        ? `${what} was used, and each one adds one machine: ${next}`
        : `${what} was used as often as it may be: ${next}`
    case "expired":
      return `${what} has expired: ${next}`
    case "revoked":
      return `${what} was revoked: ${next}`
    case "left":
      return `the person who made ${what} is no longer a member of its workspace: ask a member to make another one`
  }
}

/** What decides whether a token or a key admits a machine. Times in epoch ms. */
export interface JoinAdmission {
  readonly uses: number
  readonly maxUses: number | null
  readonly expiresAt: number
  readonly revokedAt: number | null
  /** Whether its maker is a member of the workspace. */
  readonly isMember: boolean
}

/** Why a token or a key admits no machine now; undefined: it admits one. */
export const refuseJoin = (
  { expiresAt, isMember, maxUses, revokedAt, uses }: JoinAdmission,
  now: number
): JoinRefusal | undefined => {
  if (maxUses !== null && uses >= maxUses) return "used"
  if (revokedAt !== null) return "revoked"
  if (expiresAt <= now) return "expired"
  return isMember ? undefined : "left"
}
