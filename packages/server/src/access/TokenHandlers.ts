import { Access, Api, Codec, type Identity, Scope, Security, Token, Uuid, WireError } from "@muster/domain"
import { Clock, Effect, Option, Schema } from "effect"
import { Audit } from "../audit/Audit.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { Authenticator, hashToken } from "./Authenticator.ts"

const day = 24 * 60 * 60 * 1000

const refusals = {
  ended: () => WireError.bad("the token of this call has ended: sign in again"),
  lineage: () => WireError.bad("this token descends from too many others: make the new one with an older token"),
  full: () =>
    WireError.tooMany(
      `you have ${Token.maxApiTokens} tokens, which is the maximum: revoke some that you no longer use`
    ),
  scope: () =>
    WireError.forbidden(
      "a token cannot create one with a scope that it does not have itself: use a token with that scope"
    )
} satisfies Record<Access.TokenRefused["reason"], () => unknown>

const isScope = Schema.is(Scope.Scope)

/** Returns the scopes that a caller asks for, normalized; undefined: those of the caller's token. */
const scopesFrom = (given: ReadonlyArray<string> | null | undefined) => {
  if (given === null || given === undefined) return Effect.undefined
  return given.length > 0 && given.every(isScope)
    ? Effect.succeed(Scope.normalize(given))
    : Effect.fail(WireError.bad(`scopes must be a list of ${Scope.all.join(", ")}`))
}

const tokenRecord = ({ createdAt, expiresAt, id, lastUsedAt, name, prefix, purpose, scopes }: Token.Token) => ({
  id,
  name,
  purpose,
  scopes,
  tokenPrefix: prefix,
  expiresAt,
  lastUsedAt,
  createdAt
})

const idFrom = (text: string) => {
  const id = Uuid.parse(text)
  return id === undefined ? Effect.fail(WireError.invalid("token id")) : Effect.succeed(id as Identity.TokenId)
}

/** Why a token that the caller sees cannot be renewed. */
const notRenewable = ({ expiresAt, purpose }: Token.Token) => {
  if (purpose !== "api") return WireError.bad("this is no token for calls: sign in again to get a new session")
  if (expiresAt === null) return WireError.bad("this token never ends: it needs no renewal")
  return WireError.bad("this token has ended: create a new one")
}

interface Create {
  readonly payload: {
    readonly name?: string | null
    readonly expiresInDays?: number | null
    readonly scopes?: ReadonlyArray<string> | null
  }
}
interface Named {
  readonly params: { readonly tokenId: string }
}
interface Renew extends Named {
  readonly payload: { readonly expiresInDays?: number | null }
}

/** The handlers for the caller's tokens. Source: `docs/protocol.md` 3.5. */
export const makeTokenHandlers = Effect.gen(function*() {
  const access = yield* Access.Access
  const authenticator = yield* Authenticator
  const audit = yield* Audit
  const metrics = yield* ServerMetrics

  /** The caller's tokens, without those that have a scope that the call's token does not have. */
  const visible = Effect.gen(function*() {
    const { scopes, userId } = yield* Security.Caller
    const tokens = yield* access.listTokens(userId).pipe(
      Effect.mapError((cause) => WireError.fault("failed to list tokens", cause))
    )
    return tokens.filter((token) => Scope.isWithin(token.scopes, scopes))
  })

  return {
    tokens: () => Effect.map(visible, (tokens) => tokens.map(tokenRecord)),

    createToken: Effect.fn("Server.createToken")(function*({ payload }: Create) {
      const { tokenId, userId } = yield* Security.Caller
      const name = Codec.goString(payload.name)
      if (name === "") return yield* WireError.required("name")
      const scopes = yield* scopesFrom(payload.scopes)
      const days = payload.expiresInDays ?? 0
      const secret = yield* Token.generate("user")
      const token = yield* access.createToken({
        userId,
        purpose: "api",
        madeWith: tokenId,
        name,
        hash: hashToken(secret),
        prefix: Token.prefixOf(secret),
        expiresAt: days > 0 ? (yield* Clock.currentTimeMillis) + days * day : null,
        ...(scopes === undefined ? {} : { scopes })
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
        details: { prefix: token.prefix, scopes: token.scopes.join(", "), expires_in_days: days > 0 ? days : null }
      })
      return { ...tokenRecord(token), token: secret }
    }),

    renewToken: Effect.fn("Server.renewToken")(function*({ params, payload }: Renew) {
      const id = yield* idFrom(params.tokenId)
      const known = (yield* visible).find((token) => token.id === id)
      if (known === undefined) return yield* WireError.absent("token")
      const days = payload.expiresInDays ?? Api.defaultRenewalDays
      const until = (yield* Clock.currentTimeMillis) + days * day
      const renewed = yield* access.renewToken(known.userId, id, until).pipe(
        Effect.mapError((cause) => WireError.fault("failed to renew token", cause))
      )
      if (Option.isNone(renewed)) return yield* notRenewable(known)
      const { hash, token } = renewed.value
      yield* authenticator.forget(hash)
      yield* audit.record({
        action: "token.renew",
        target: { kind: "token", id, name: token.name },
        details: { prefix: token.prefix, expires_in_days: days }
      })
      return tokenRecord(token)
    }),

    revokeToken: Effect.fn("Server.revokeToken")(function*({ params }: Named) {
      const { userId } = yield* Security.Caller
      const id = yield* idFrom(params.tokenId)
      const revoked = yield* access.revokeToken(userId, id).pipe(
        Effect.mapError((cause) => WireError.fault("failed to revoke token", cause))
      )
      yield* Effect.forEach(revoked, authenticator.forget, { discard: true })
      if (revoked.length === 0) return
      yield* audit.record({
        action: "token.revoke",
        target: { kind: "token", id, name: null },
        details: { revoked: revoked.length }
      })
    })
  }
})
