import { Access, type Identity, Scope, Token, WireError } from "@muster/domain"
import { Clock, Context, Effect, Layer, Option } from "effect"
import { Authenticator, hashToken } from "../access/Authenticator.ts"

const minute = 60_000
const day = 24 * 60 * minute

/** How long a session and a sign-in link are valid, in ms. */
export const sessionLifetime = 30 * day
const linkLifetime = 10 * minute

/** Only sign-in accepts a link's code: the prefix is not one of a token. */
const linkPrefix = "mln_"
const asCode = (token: string) => linkPrefix + token.slice(4)

/** What a session is called in its person's list of tokens. */
export const sessionName = "console session"
const names = { session: sessionName, link: "sign-in link" } satisfies Partial<Record<Token.TokenPurpose, string>>

/** A secret; `expiresAt` in epoch ms. */
export interface Opened {
  readonly userId: Identity.UserId
  readonly secret: string
  readonly expiresAt: number
}

const unable = (what: string) => (cause: unknown) => WireError.fault(`failed to ${what}`, cause)

/**
 * Sessions of the console. A session is a token of its person, so every replica accepts it, the person sees it in the list
 * of tokens, and revoking it ends it on every replica. It ends with the token that it was made with (`originOf`), and has
 * the scopes of that token.
 */
export class Sessions extends Context.Service<Sessions, {
  /** Opens a session for a person's token. */
  readonly openByToken: (token: string) => Effect.Effect<Opened, Sessions.Refused>
  /** Opens a session for a link's code. A code works once; of concurrent callers one succeeds. */
  readonly openByCode: (code: string) => Effect.Effect<Opened, Sessions.Refused>
  /** Opens a session for a person that a sign-in provider identified. It ends with no token. */
  readonly openFor: (user: Identity.UserId) => Effect.Effect<Opened, Sessions.Fault>
  readonly close: (secret: string) => Effect.Effect<void, Sessions.Fault>
  /**
   * Returns a one-time sign-in code for this person, valid for 10 minutes. The code and the session that it opens end
   * with the token that the code is made with. A new code replaces the person's previous codes.
   */
  readonly makeLink: (by: { readonly userId: Identity.UserId; readonly tokenId: Identity.TokenId }) => Effect.Effect<
    Opened,
    Sessions.Refused
  >
}>()("@muster/server/session/Sessions") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const access = yield* Access.Access
      const authenticator = yield* Authenticator

      const make = Effect.fnUntraced(
        function*(
          purpose: "session" | "link",
          userId: Identity.UserId,
          madeWith: Identity.TokenId | null,
          until: number,
          scopes?: ReadonlyArray<Scope.Scope>
        ) {
          const token = yield* Token.generate("user")
          const secret = purpose === "link" ? asCode(token) : token
          const { expiresAt } = yield* access.createToken({
            userId,
            purpose,
            madeWith,
            name: names[purpose],
            hash: hashToken(secret),
            prefix: Token.prefixOf(secret),
            expiresAt: until,
            ...(scopes === undefined ? {} : { scopes })
          })
          return { userId, secret, expiresAt: expiresAt ?? until }
        }
      )

      const revoke = (userId: Identity.UserId, id: Identity.TokenId) =>
        Effect.flatMap(
          access.revokeToken(userId, id),
          (ended) => Effect.forEach(ended, authenticator.forget, { discard: true })
        )

      const open = Effect.fnUntraced(function*(
        userId: Identity.UserId,
        by: Identity.TokenId | null,
        scopes: ReadonlyArray<Scope.Scope>
      ) {
        const now = yield* Clock.currentTimeMillis
        const tokens = yield* access.listTokens(userId)
        // Expired sessions, and the oldest beyond the bound, would fill the person's list of tokens. The newest come first.
        const over = tokens.filter(({ purpose }) => purpose === "session").filter(({ expiresAt }, index) =>
          (expiresAt ?? now) < now || index >= Token.maxSessions - 1
        )
        yield* Effect.forEach(over, ({ id }) => revoke(userId, id), { discard: true })
        return yield* make("session", userId, by, now + sessionLifetime, scopes)
      })

      return Sessions.of({
        openByToken: Effect.fnUntraced(function*(token) {
          const found = yield* Effect.mapError(authenticator.authenticate(token), unable("verify token"))
          if (Option.isNone(found) || found.value._tag !== "User") return yield* WireError.invalidToken()
          const { scopes, tokenId, userId } = found.value
          return yield* open(userId, tokenId, scopes).pipe(Effect.catchTags({
            TokenRefused: () => Effect.fail(WireError.invalidToken()),
            StoreUnavailable: (cause) => Effect.fail(unable("sign in")(cause))
          }))
        }),

        openByCode: Effect.fnUntraced(function*(code) {
          if (!code.startsWith(linkPrefix) || code.length > 100) return yield* WireError.linkUsed()
          const redeemed = yield* Effect.mapError(access.redeemToken(hashToken(code)), unable("verify the link"))
          if (Option.isNone(redeemed)) return yield* WireError.linkUsed()
          // The link is used up; its session ends with the link's parent token.
          const { parentId, scopes, userId } = redeemed.value
          return yield* open(userId, parentId, scopes).pipe(Effect.catchTags({
            TokenRefused: () => Effect.fail(WireError.linkUsed()),
            StoreUnavailable: (cause) => Effect.fail(unable("sign in")(cause))
          }))
        }),

        openFor: (user) =>
          open(user, null, Scope.all).pipe(
            Effect.catchTag("TokenRefused", Effect.die),
            Effect.mapError(unable("sign in"))
          ),

        close: Effect.fnUntraced(function*(secret) {
          const found = yield* authenticator.authenticate(secret)
          if (Option.isSome(found) && found.value._tag === "User") {
            yield* revoke(found.value.userId, found.value.tokenId)
          }
        }, Effect.mapError(unable("sign out"))),

        makeLink: Effect.fnUntraced(
          function*({ tokenId, userId }) {
            const older = (yield* access.listTokens(userId)).filter(({ purpose }) => purpose === "link")
            yield* Effect.forEach(older, ({ id }) => revoke(userId, id), { discard: true })
            return yield* make("link", userId, tokenId, (yield* Clock.currentTimeMillis) + linkLifetime)
          },
          Effect.catchTags({
            TokenRefused: () => Effect.fail(WireError.invalidToken()),
            StoreUnavailable: (cause) => Effect.fail(unable("make a link")(cause))
          })
        )
      })
    })
  )
}

export declare namespace Sessions {
  type Fault = ReturnType<typeof WireError.fault>
  type Refused =
    | ReturnType<typeof WireError.invalidToken>
    | ReturnType<typeof WireError.linkUsed>
    | Fault
}
