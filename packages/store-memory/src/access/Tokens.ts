import {
  type Access,
  type Credential,
  endedTokenRetention,
  type NewToken,
  randomUuid,
  type Token,
  type TokenHash,
  TokenId,
  type UserId
} from "@muster/domain"
import { Clock, Effect, Option } from "effect"
import type { AccessState } from "./AccessState.ts"

/** The most tokens a list carries. */
const most = 1_000

const authenticate = (state: AccessState, hash: TokenHash, now: number): Option.Option<Credential> => {
  const daemon = state.daemonTokens.get(hash)
  if (daemon !== undefined) return daemon.expiresAt > now ? Option.some(daemon.credential) : Option.none()
  const id = state.tokenByHash.get(hash)
  const token = id === undefined ? undefined : state.tokens.get(id)
  if (token === undefined || state.revoked.has(token.id)) return Option.none()
  if (token.expiresAt !== null && token.expiresAt <= now) return Option.none()
  return Option.some({ _tag: "User", userId: token.userId, tokenId: token.id })
}

/** Lets go of the user's tokens that ended before `before`. */
const forgetEnded = (state: AccessState, user: UserId, before: number): void => {
  for (const { expiresAt, id, userId } of state.tokens.values()) {
    const ended = Math.min(state.revoked.get(id) ?? Infinity, expiresAt ?? Infinity)
    if (userId !== user || ended >= before) continue
    state.tokens.delete(id)
    state.tokenByHash.delete(state.hashOf.get(id)!)
    state.hashOf.delete(id)
    state.revoked.delete(id)
  }
}

const create = (state: AccessState, { hash, ...rest }: NewToken, id: TokenId, now: number): Token => {
  forgetEnded(state, rest.userId, now - endedTokenRetention)
  const token: Token = { ...rest, id, lastUsedAt: null, createdAt: now }
  state.tokens.set(id, token)
  state.tokenByHash.set(hash, id)
  state.hashOf.set(id, hash)
  return token
}

const list = (state: AccessState, user: UserId): ReadonlyArray<Token> =>
  [...state.tokens.values()].filter(({ id, userId }) => userId === user && !state.revoked.has(id)).toReversed().slice(
    0,
    most
  )

const revoke = (state: AccessState, user: UserId, id: TokenId, now: number): Option.Option<TokenHash> => {
  const hash = state.hashOf.get(id)
  if (hash === undefined || state.tokens.get(id)?.userId !== user) return Option.none()
  if (!state.revoked.has(id)) state.revoked.set(id, now)
  return Option.some(hash)
}

const redeem = (state: AccessState, hash: TokenHash, now: number): Option.Option<UserId> => {
  const held = authenticate(state, hash, now)
  if (Option.isNone(held) || held.value._tag !== "User") return Option.none()
  state.revoked.set(held.value.tokenId, now)
  return Option.some(held.value.userId)
}

const touch = (state: AccessState, hashes: ReadonlyArray<TokenHash>, at: number): void => {
  for (const hash of hashes) {
    const id = state.tokenByHash.get(hash)
    const token = id === undefined ? undefined : state.tokens.get(id)
    if (token !== undefined) state.tokens.set(token.id, { ...token, lastUsedAt: Math.max(token.lastUsedAt ?? 0, at) })
  }
}

/** The half of Access that is about tokens. */
export const tokens = (state: AccessState) =>
  ({
    authenticate: (hash) => Effect.map(Clock.currentTimeMillis, (now) => authenticate(state, hash, now)),
    createToken: (input) =>
      Effect.zipWith(randomUuid, Clock.currentTimeMillis, (id, now) => create(state, input, TokenId.make(id), now)),
    listTokens: (user) => Effect.sync(() => list(state, user)),
    revokeToken: (user, id) => Effect.map(Clock.currentTimeMillis, (now) => revoke(state, user, id, now)),
    redeemToken: (hash) => Effect.map(Clock.currentTimeMillis, (now) => redeem(state, hash, now)),
    touchTokens: (hashes, at) => Effect.sync(() => touch(state, hashes, at)),
    createDaemonToken: ({ daemonId, expiresAt, hash, workspaceId }) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        for (const [known, { credential, expiresAt }] of state.daemonTokens) {
          if (credential._tag !== "Daemon" || credential.daemonId !== daemonId) continue
          if (credential.workspaceId === workspaceId && expiresAt <= now) state.daemonTokens.delete(known)
        }
        state.daemonTokens.set(hash, { credential: { _tag: "Daemon", workspaceId, daemonId }, expiresAt })
      })
  }) satisfies Partial<Access["Service"]>
