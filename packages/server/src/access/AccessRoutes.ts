import { Access, Api, Codec, type Identity, Security, Token, Uuid, WireError, Workspace } from "@muster/domain"
import { Clock, Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Audit } from "../audit/Audit.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { Authenticator, hashToken } from "./Authenticator.ts"

const refusals = {
  ended: () => WireError.bad("the token of this call has ended: sign in again"),
  lineage: () => WireError.bad("this token descends from too many others: make the new one with an older token"),
  full: () =>
    WireError.tooMany(`you have ${Token.maxApiTokens} tokens, which is the most: revoke some that you no longer use`)
} satisfies Record<Access.TokenRefused["reason"], () => unknown>

const day = 24 * 60 * 60 * 1000

const tokenRecord = ({ createdAt, expiresAt, id, lastUsedAt, name, prefix }: Token.Token) => ({
  id,
  name,
  tokenPrefix: prefix,
  expiresAt,
  lastUsedAt,
  createdAt
})

/** The routes for the caller, their tokens and their workspaces. Source: `docs/protocol.md` 3.3, 3.5, 3.7, 5.1. */
export const layerAccessRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "access",
  Effect.fn(function*(handlers) {
    const access = yield* Access.Access
    const authenticator = yield* Authenticator
    const audit = yield* Audit
    const metrics = yield* ServerMetrics

    return handlers.handleAll({
      me: Effect.fnUntraced(function*() {
        const { userId } = yield* Security.Caller
        const user = yield* access.user(userId).pipe(
          Effect.mapError((cause) => WireError.fault("failed to load user", cause))
        )
        return Option.isSome(user) ? user.value : yield* WireError.userNotFound()
      }),

      tokens: Effect.fnUntraced(function*() {
        const { userId } = yield* Security.Caller
        const tokens = yield* access.listTokens(userId).pipe(
          Effect.mapError((cause) => WireError.fault("failed to list tokens", cause))
        )
        return tokens.map(tokenRecord)
      }),

      createToken: Effect.fn("Server.createToken")(function*({ payload }) {
        const { tokenId, userId } = yield* Security.Caller
        const name = Codec.goString(payload.name)
        if (name === "") return yield* WireError.required("name")
        const days = payload.expiresInDays ?? 0
        const secret = yield* Token.generate("user")
        const token = yield* access.createToken({
          userId,
          purpose: "api",
          madeWith: tokenId,
          name,
          hash: hashToken(secret),
          prefix: Token.prefixOf(secret),
          expiresAt: days > 0 ? (yield* Clock.currentTimeMillis) + days * day : null
        }).pipe(Effect.catchTags({
          TokenRefused: ({ reason }) => {
            if (reason === "full") metrics.bounds.person_tokens()
            return Effect.fail(refusals[reason]())
          },
          StoreUnavailable: (cause) => Effect.fail(WireError.fault("failed to create token", cause))
        }))
        yield* audit.record({
          action: "token.create",
          target: { kind: "token", id: token.id, name },
          details: { prefix: token.prefix, expires_in_days: days > 0 ? days : null }
        })
        return { ...tokenRecord(token), token: secret }
      }),

      revokeToken: Effect.fn("Server.revokeToken")(function*({ params }) {
        const { userId } = yield* Security.Caller
        const id = Uuid.parse(params.tokenId)
        if (id === undefined) return yield* WireError.invalid("token id")
        const revoked = yield* access.revokeToken(userId, id as Identity.TokenId).pipe(
          Effect.mapError((cause) => WireError.fault("failed to revoke token", cause))
        )
        yield* Effect.forEach(revoked, authenticator.forget, { discard: true })
        if (revoked.length === 0) return
        yield* audit.record({
          action: "token.revoke",
          target: { kind: "token", id, name: null },
          details: { revoked: revoked.length }
        })
      }),

      workspaces: Effect.fnUntraced(function*() {
        const { userId } = yield* Security.Caller
        return yield* access.workspacesOf(userId).pipe(
          Effect.mapError((cause) => WireError.fault("failed to list workspaces", cause))
        )
      }),

      createWorkspace: Effect.fn("Server.createWorkspace")(function*({ payload }) {
        const { userId } = yield* Security.Caller
        const name = Codec.goString(payload.name)
        const slug = Codec.goString(payload.slug).toLowerCase()
        const refused = Workspace.refuse(name, slug)
        if (refused !== undefined) return yield* WireError.bad(refused)
        const made = yield* access.createWorkspace({
          name,
          slug,
          description: Codec.goString(payload.description) || null,
          context: Codec.goString(payload.context) || null,
          issuePrefix: Codec.goString(payload.issuePrefix) || slug.slice(0, 3).toUpperCase(),
          owner: userId
        }).pipe(Effect.catchTags({
          SlugTaken: () => Effect.fail(WireError.slugTaken()),
          StoreUnavailable: (cause) => Effect.fail(WireError.fault("failed to create workspace", cause))
        }))
        yield* audit.record({
          action: "workspace.create",
          workspaceId: made.id,
          target: { kind: "workspace", id: made.id, name: made.name },
          details: { slug: made.slug }
        })
        return made
      })
    })
  })
)
