import {
  Access,
  generateToken,
  maxSessions,
  type TokenId,
  tokenPrefixOf,
  type TokenPurpose,
  type UserId,
  wireError
} from "@muster/domain"
import { Clock, Context, Effect, Layer, Option } from "effect"
import { Authenticator, hashToken } from "../access/Authenticator.ts"

const minute = 60_000
const day = 24 * 60 * minute

/** How long a session lasts, and how long a link waits for its one use, in ms. */
const sessionLifetime = 30 * day
const linkLifetime = 10 * minute

/** A link's code is no token: nothing but signing in takes it. */
const linkPrefix = "mln_"
const asCode = (token: string) => linkPrefix + token.slice(4)

/** How a person's list of tokens calls them. */
const names = { session: "console session", link: "sign-in link" } satisfies Partial<Record<TokenPurpose, string>>

/** A secret with its end, in epoch ms. */
export interface Opened {
  readonly userId: UserId
  readonly secret: string
  readonly expiresAt: number
}

const unable = (what: string) => (cause: unknown) => wireError.fault(`failed to ${what}`, cause)

/**
 * Sessions of the console. A session is a token of its person like any other, so every replica knows it, the person sees
 * it in their list, and revoking it ends it everywhere. It ends with the token that it came from (`originOf`).
 */
export class Sessions extends Context.Service<Sessions, {
  /** From a person's token to a session. */
  readonly openByToken: (token: string) => Effect.Effect<Opened, Sessions.Refused>
  /** From a link's code: of any number who use it, one is let in. */
  readonly openByCode: (code: string) => Effect.Effect<Opened, Sessions.Refused>
  readonly close: (secret: string) => Effect.Effect<void, ReturnType<typeof wireError.fault>>
  /**
   * A code that signs this person in once, within 10 minutes, and the session that it opens, end with the token that it is
   * made with. The person's older links no longer sign in.
   */
  readonly makeLink: (by: { readonly userId: UserId; readonly tokenId: TokenId }) => Effect.Effect<
    Opened,
    Sessions.Refused
  >
}>()("@muster/server/session/Sessions") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const access = yield* Access
      const authenticator = yield* Authenticator

      const make = Effect.fnUntraced(
        function*(purpose: "session" | "link", userId: UserId, madeWith: TokenId | null, until: number) {
          const token = yield* generateToken("user")
          const secret = purpose === "link" ? asCode(token) : token
          const { expiresAt } = yield* access.createToken({
            userId,
            purpose,
            madeWith,
            name: names[purpose],
            hash: hashToken(secret),
            prefix: tokenPrefixOf(secret),
            expiresAt: until
          })
          return { userId, secret, expiresAt: expiresAt ?? until }
        }
      )

      const revoke = (userId: UserId, id: TokenId) =>
        Effect.flatMap(
          access.revokeToken(userId, id),
          (ended) => Effect.forEach(ended, authenticator.forget, { discard: true })
        )

      const open = Effect.fnUntraced(function*(userId: UserId, by: TokenId | null) {
        const now = yield* Clock.currentTimeMillis
        const tokens = yield* access.listTokens(userId)
        // Those that are over, and the oldest beyond the bound, would fill the person's list. The newest come first.
        const over = tokens.filter(({ purpose }) => purpose === "session").filter(({ expiresAt }, index) =>
          (expiresAt ?? now) < now || index >= maxSessions - 1
        )
        yield* Effect.forEach(over, ({ id }) => revoke(userId, id), { discard: true })
        return yield* make("session", userId, by, now + sessionLifetime)
      })

      return Sessions.of({
        openByToken: Effect.fnUntraced(function*(token) {
          const found = yield* Effect.mapError(authenticator.authenticate(token), unable("verify token"))
          if (Option.isNone(found) || found.value._tag !== "User") return yield* wireError.invalidToken()
          return yield* open(found.value.userId, found.value.tokenId).pipe(Effect.catchTags({
            TokenRefused: () => Effect.fail(wireError.invalidToken()),
            StoreUnavailable: (cause) => Effect.fail(unable("sign in")(cause))
          }))
        }),

        openByCode: Effect.fnUntraced(function*(code) {
          if (!code.startsWith(linkPrefix) || code.length > 100) return yield* wireError.linkUsed()
          const redeemed = yield* Effect.mapError(access.redeemToken(hashToken(code)), unable("verify the link"))
          if (Option.isNone(redeemed)) return yield* wireError.linkUsed()
          // The link is used up; what it leads to ends with the token that the link would have ended with.
          return yield* open(redeemed.value.userId, redeemed.value.parentId).pipe(Effect.catchTags({
            TokenRefused: () => Effect.fail(wireError.linkUsed()),
            StoreUnavailable: (cause) => Effect.fail(unable("sign in")(cause))
          }))
        }),

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
            TokenRefused: () => Effect.fail(wireError.invalidToken()),
            StoreUnavailable: (cause) => Effect.fail(unable("make a link")(cause))
          })
        )
      })
    })
  )
}

export declare namespace Sessions {
  type Refused =
    | ReturnType<typeof wireError.invalidToken>
    | ReturnType<typeof wireError.linkUsed>
    | ReturnType<typeof wireError.fault>
}
