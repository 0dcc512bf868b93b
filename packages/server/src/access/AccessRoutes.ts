import {
  Access,
  Caller,
  generateToken,
  goString,
  maxApiTokens,
  MusterApi,
  parseUuid,
  refuseWorkspace,
  type Token,
  type TokenId,
  tokenPrefixOf,
  type TokenRefused,
  wireError
} from "@muster/domain"
import { Clock, Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { Authenticator, hashToken } from "./Authenticator.ts"

const refusals = {
  ended: () => wireError.bad("the token of this call has ended: sign in again"),
  lineage: () => wireError.bad("this token descends from too many others: make the new one with an older token"),
  full: () =>
    wireError.tooMany(`you have ${maxApiTokens} tokens, which is the most: revoke some that you no longer use`)
} satisfies Record<TokenRefused["reason"], () => unknown>

const day = 24 * 60 * 60 * 1000

const tokenRecord = ({ createdAt, expiresAt, id, lastUsedAt, name, prefix }: Token) => ({
  id,
  name,
  tokenPrefix: prefix,
  expiresAt,
  lastUsedAt,
  createdAt
})

/** The routes for the caller, their tokens and their workspaces. Source: `docs/protocol.md` 3.3, 3.5, 3.7, 5.1. */
export const layerAccessRoutes = HttpApiBuilder.group(
  MusterApi,
  "access",
  Effect.fn(function*(handlers) {
    const access = yield* Access
    const authenticator = yield* Authenticator
    const metrics = yield* ServerMetrics

    return handlers.handleAll({
      me: Effect.fnUntraced(function*() {
        const { userId } = yield* Caller
        const user = yield* access.user(userId).pipe(
          Effect.mapError((cause) => wireError.fault("failed to load user", cause))
        )
        return Option.isSome(user) ? user.value : yield* wireError.userNotFound()
      }),

      tokens: Effect.fnUntraced(function*() {
        const { userId } = yield* Caller
        const tokens = yield* access.listTokens(userId).pipe(
          Effect.mapError((cause) => wireError.fault("failed to list tokens", cause))
        )
        return tokens.map(tokenRecord)
      }),

      createToken: Effect.fn("Server.createToken")(function*({ payload }) {
        const { tokenId, userId } = yield* Caller
        const name = goString(payload.name)
        if (name === "") return yield* wireError.required("name")
        const days = payload.expiresInDays ?? 0
        const secret = yield* generateToken("user")
        const token = yield* access.createToken({
          userId,
          purpose: "api",
          madeWith: tokenId,
          name,
          hash: hashToken(secret),
          prefix: tokenPrefixOf(secret),
          expiresAt: days > 0 ? (yield* Clock.currentTimeMillis) + days * day : null
        }).pipe(Effect.catchTags({
          TokenRefused: ({ reason }) => {
            if (reason === "full") metrics.bounds.person_tokens()
            return Effect.fail(refusals[reason]())
          },
          StoreUnavailable: (cause) => Effect.fail(wireError.fault("failed to create token", cause))
        }))
        return { ...tokenRecord(token), token: secret }
      }),

      revokeToken: Effect.fn("Server.revokeToken")(function*({ params }) {
        const { userId } = yield* Caller
        const id = parseUuid(params.tokenId)
        if (id === undefined) return yield* wireError.invalid("token id")
        const revoked = yield* access.revokeToken(userId, id as TokenId).pipe(
          Effect.mapError((cause) => wireError.fault("failed to revoke token", cause))
        )
        yield* Effect.forEach(revoked, authenticator.forget, { discard: true })
      }),

      workspaces: Effect.fnUntraced(function*() {
        const { userId } = yield* Caller
        return yield* access.workspacesOf(userId).pipe(
          Effect.mapError((cause) => wireError.fault("failed to list workspaces", cause))
        )
      }),

      createWorkspace: Effect.fn("Server.createWorkspace")(function*({ payload }) {
        const { userId } = yield* Caller
        const name = goString(payload.name)
        const slug = goString(payload.slug).toLowerCase()
        const refused = refuseWorkspace(name, slug)
        if (refused !== undefined) return yield* wireError.bad(refused)
        return yield* access.createWorkspace({
          name,
          slug,
          description: goString(payload.description) || null,
          context: goString(payload.context) || null,
          issuePrefix: goString(payload.issuePrefix) || slug.slice(0, 3).toUpperCase(),
          owner: userId
        }).pipe(Effect.catchTags({
          SlugTaken: () => Effect.fail(wireError.slugTaken()),
          StoreUnavailable: (cause) => Effect.fail(wireError.fault("failed to create workspace", cause))
        }))
      })
    })
  })
)
