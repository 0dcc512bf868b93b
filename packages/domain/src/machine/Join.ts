import { type Effect, Schema } from "effect"
import { UserId, WorkspaceId } from "../access/Identity.ts"
import { generateSecret, isWellFormedSecret } from "../access/Token.ts"
import { JoinKeyId, LabelList } from "./Machine.ts"

const minute = 60_000
const day = 24 * 60 * minute

/** How long a machine's join token is valid, in ms. */
export const joinTokenLifetime = 60 * minute

/** The maximum validity of a join key, in days. */
export const maxJoinKeyDays = 90

/** How many join keys that have not ended a workspace may have. */
export const maxJoinKeys = 100

/** The maximum number of uses of a key with a limit. */
export const maxJoinKeyUses = 100_000

/** How long a machine credential is valid, in ms. The daemon renews it at half of this time. */
export const credentialLifetime = 30 * day

/** How long older credentials of a machine remain valid after the first use of a newer one, in ms. */
export const credentialOverlap = 10 * minute

/** How long tokens and keys that ended are kept, in ms, so that a late use gets the reason. */
export const endedJoinRetention = 30 * day

/** What a machine joins with: a token (once, for one machine) or a key (several machines). */
export type JoinSecretKind = "token" | "key"

const prefixes = { token: "mjt_", key: "mjk_" } as const

/** A new join secret: `mjt_` or `mjk_` and 40 hex digits. */
export const generate = (kind: JoinSecretKind): Effect.Effect<string> => generateSecret(prefixes[kind])

/** The kind of a secret, from its prefix; undefined: Muster did not issue it, for example because it is mistyped. */
export const kindOf = (secret: string): JoinSecretKind | undefined => {
  if (!isWellFormedSecret(secret)) return undefined
  return secret.startsWith(prefixes.token) ? "token" : secret.startsWith(prefixes.key) ? "key" : undefined
}

/**
 * A key with which machines join a workspace, for build machines. The machines belong to its creator. Times in epoch
 * ms.
 */
export const JoinKey = Schema.Struct({
  id: JoinKeyId,
  workspaceId: WorkspaceId,
  ownerId: UserId,
  name: Schema.String,
  /** The first characters, to recognize it by. */
  prefix: Schema.String,
  labels: LabelList,
  /** Its machines are removed after `ephemeralSilence`. */
  ephemeral: Schema.Boolean,
  /** How often it may be used; null: any number of times until it expires. */
  maxUses: Schema.NullOr(Schema.Finite),
  uses: Schema.Finite,
  expiresAt: Schema.Finite,
  revokedAt: Schema.NullOr(Schema.Finite),
  createdAt: Schema.Finite
})
export type JoinKey = typeof JoinKey.Type

/**
 * Why a machine may not join. `unknown`: no such token or key; `used`: the token was used, or the key has reached its
 * maximum uses; `left`: its creator is no longer a member of the workspace.
 */
export type JoinRefusal = "unknown" | "used" | "expired" | "revoked" | "left"

const named = { token: "join token", key: "join key" } as const
const another = {
  token: "make another one with `muster machines add`",
  key: "ask an owner or admin of the workspace for another one"
} as const

/** Why a machine may not join, for the person at the machine, and what to do next. */
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
  /** Whether its creator is a member of the workspace. */
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
