import {
  type Access,
  type Credential,
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

const create = (state: AccessState, { hash, ...rest }: NewToken, id: TokenId, now: number): Token => {
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

const revoke = (state: AccessState, user: UserId, id: TokenId): Option.Option<TokenHash> => {
  const hash = state.hashOf.get(id)
  if (hash === undefined || state.tokens.get(id)?.userId !== user) return Option.none()
  state.revoked.add(id)
  return Option.some(hash)
}

const redeem = (state: AccessState, hash: TokenHash, now: number): Option.Option<UserId> => {
  const held = authenticate(state, hash, now)
  if (Option.isNone(held) || held.value._tag !== "User") return Option.none()
  state.revoked.add(held.value.tokenId)
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
    revokeToken: (user, id) => Effect.sync(() => revoke(state, user, id)),
    redeemToken: (hash) => Effect.map(Clock.currentTimeMillis, (now) => redeem(state, hash, now)),
    touchTokens: (hashes, at) => Effect.sync(() => touch(state, hashes, at)),
    createDaemonToken: ({ daemonId, expiresAt, hash, workspaceId }) =>
      Effect.sync(() => {
        state.daemonTokens.set(hash, { credential: { _tag: "Daemon", workspaceId, daemonId }, expiresAt })
      })
  }) satisfies Partial<Access["Service"]>
