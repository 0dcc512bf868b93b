import { Access, Codec, Join, Machine, Machines, Permission, Token, Uuid, WireError } from "@muster/domain"
import { Clock, Effect, Option } from "effect"
import { hashToken } from "../access/Authenticator.ts"
import { Audit } from "../audit/Audit.ts"
import { Limits } from "../limit/Limits.ts"
import { keyTarget } from "./MachineAudit.ts"
import { full, labelsIn, viewer } from "./MachineHandlers.ts"
import { keyRecord, namesIn } from "./MachineRecords.ts"

const day = 24 * 60 * 60 * 1_000

/** How long a key is valid by default, in days. */
const defaultDays = 30

const unable = (what: string) => (cause: unknown) => WireError.fault(`failed to ${what}`, cause)

/** The caller, who must be an owner or admin of the workspace. */
const manager = Effect.flatMap(viewer, (by) =>
  Permission.mayManageJoinKeys(by.role)
    ? Effect.succeed(by)
    : Effect.fail(WireError.forbidden("only owners and admins of the workspace can manage join keys")))

/** Returns the handlers of the routes for join keys. */
export const makeKeyHandlers = Effect.gen(function*() {
  const access = yield* Access.Access
  const audit = yield* Audit
  const limits = yield* Limits
  const machines = yield* Machines.Machines

  return {
    keys: Effect.fnUntraced(function*() {
      const { workspaceId } = yield* manager
      const [keys, names] = yield* Effect.mapError(
        Effect.all([machines.keys(workspaceId), namesIn(access, workspaceId)]),
        unable("list join keys")
      )
      const now = yield* Clock.currentTimeMillis
      return keys.map((key) => keyRecord(key, names, now))
    }),

    createKey: Effect.fnUntraced(function*({ payload }: { readonly payload: NewKey }) {
      const { userId, workspaceId } = yield* manager
      yield* limits.take("join_tokens", userId)
      const labels = yield* labelsIn(payload.labels)
      const secret = yield* Join.generate("key")
      const now = yield* Clock.currentTimeMillis
      const key = yield* machines.createKey({
        workspaceId,
        ownerId: userId,
        name: Codec.goString(payload.name) || "join key",
        hash: hashToken(secret),
        prefix: Token.prefixOf(secret),
        labels,
        ephemeral: payload.ephemeral ?? false,
        maxUses: payload.maxUses ?? null,
        expiresAt: now + (payload.expiresInDays ?? defaultDays) * day
      }).pipe(Effect.catchTags({
        MachinesFull: full,
        StoreUnavailable: (cause) => Effect.fail(unable("create join key")(cause))
      }))
      yield* audit.record({
        action: "join_key.create",
        target: keyTarget(key),
        details: { prefix: key.prefix, labels: labels.join(" "), ephemeral: key.ephemeral, max_uses: key.maxUses }
      })
      const names = yield* Effect.mapError(namesIn(access, workspaceId), unable("create join key"))
      return { ...keyRecord(key, names, now), key: secret }
    }),

    revokeKey: Effect.fnUntraced(function*({ params }: { readonly params: { readonly keyId: string } }) {
      const { workspaceId } = yield* manager
      const id = Uuid.parse(params.keyId)
      if (id === undefined) return yield* WireError.invalid("key id")
      const key = yield* Effect.mapError(
        machines.revokeKey(workspaceId, Machine.JoinKeyId.make(id)),
        unable("revoke join key")
      )
      if (Option.isNone(key)) return yield* WireError.absent("key")
      yield* audit.record({
        action: "join_key.revoke",
        target: keyTarget(key.value),
        details: { uses: key.value.uses }
      })
      const names = yield* Effect.mapError(namesIn(access, workspaceId), unable("revoke join key"))
      return keyRecord(key.value, names, yield* Clock.currentTimeMillis)
    })
  }
})

interface NewKey {
  readonly name?: string | null
  readonly labels?: ReadonlyArray<string> | null
  readonly ephemeral?: boolean | null
  readonly maxUses?: number | null
  readonly expiresInDays?: number | null
}
