import { Access, Identity, Scope, StoreBounds, Token, Uuid } from "@muster/domain"
import { Clock, Effect, Option, Result, Struct } from "effect"
import type { AccessState } from "./AccessState.ts"

/** The maximum number of tokens in a list. */
const max = 1_000

/** The token and its ancestors. A removed token had ended, and so had all its descendants. */
const lineOf = (state: AccessState, token: Token.Token): ReadonlyArray<Token.Token> => {
  const line: Array<Token.Token> = []
  for (let one: Token.Token | undefined = token; one !== undefined;) {
    line.push(one)
    one = one.parentId === null ? undefined : state.tokens.get(one.parentId)
  }
  return line
}

const authenticate = (state: AccessState, hash: Token.TokenHash, now: number): Option.Option<Identity.Credential> => {
  const daemon = state.daemonTokens.get(hash)
  if (daemon !== undefined) return daemon.expiresAt > now ? Option.some(daemon.credential) : Option.none()
  const id = state.tokenByHash.get(hash)
  const token = id === undefined ? undefined : state.tokens.get(id)
  if (token === undefined || lineOf(state, token).some(({ id }) => state.revoked.has(id))) return Option.none()
  if (token.expiresAt !== null && token.expiresAt <= now) return Option.none()
  const { expiresAt, id: tokenId, prefix, purpose, userId } = token
  const scopes = scopesOf(state, token)
  const source = purpose === "session" ? token.parentId === null ? undefined : state.tokens.get(token.parentId) : token
  const origin = source === undefined ? null : { id: source.id, expiresAt: source.expiresAt }
  return Option.some({ _tag: "User", userId, tokenId, purpose, prefix, scopes, expiresAt, origin })
}

/** The scopes that a token and all its ancestors have. */
const scopesOf = (state: AccessState, token: Token.Token): ReadonlyArray<Scope.Scope> =>
  lineOf(state, token).map(({ scopes }) => scopes).reduce(Scope.common)

/** The token and its descendants: a parent is always made before its children. */
const familyOf = (state: AccessState, id: Identity.TokenId): ReadonlyArray<Identity.TokenId> => {
  const family = new Set([id])
  for (const token of state.tokens.values()) {
    if (token.parentId !== null && family.has(token.parentId)) family.add(token.id)
  }
  return [...family]
}

const forget = (state: AccessState, id: Identity.TokenId): void => {
  state.tokens.delete(id)
  state.tokenByHash.delete(state.hashOf.get(id)!)
  state.hashOf.delete(id)
  state.revoked.delete(id)
}

/** Removes the user's tokens that ended before `before`, and their descendants. */
const forgetEnded = (state: AccessState, user: Identity.UserId, before: number): void => {
  for (const { expiresAt, id, userId } of state.tokens.values()) {
    const ended = Math.min(state.revoked.get(id) ?? Infinity, expiresAt ?? Infinity)
    if (userId === user && ended < before) { for (const one of familyOf(state, id)) forget(state, one) }
  }
}

/** The token that a new one ends with and the scopes that it has, or why none can be made. */
const originFor = (state: AccessState, { madeWith, scopes, userId }: Access.NewToken, now: number) => {
  if (madeWith === null) return Result.succeed({ origin: undefined, scopes: scopes ?? Scope.all })
  const maker = state.tokens.get(madeWith)
  const isValid = maker !== undefined && maker.userId === userId &&
    Option.isSome(authenticate(state, state.hashOf.get(madeWith)!, now))
  if (!isValid) return Result.fail(new Access.TokenRefused({ reason: "ended" }))
  const held = scopesOf(state, maker)
  const given = scopes ?? held
  if (!Scope.isWithin(given, held)) return Result.fail(new Access.TokenRefused({ reason: "scope" }))
  const id = Token.originOf(maker)
  const origin = id === null ? undefined : state.tokens.get(id)!
  return origin === undefined || lineOf(state, origin).length < Token.maxLineage
    ? Result.succeed({ origin, scopes: given })
    : Result.fail(new Access.TokenRefused({ reason: "lineage" }))
}

/** The person's API tokens that have not ended. */
const countApi = (state: AccessState, user: Identity.UserId, now: number): number =>
  [...state.tokens.values()].filter(({ expiresAt, id, purpose, userId }) =>
    userId === user && purpose === "api" && !state.revoked.has(id) && (expiresAt === null || expiresAt > now)
  ).length

/** Adds the token, which ends no later than its origin. */
export const putToken = (
  state: AccessState,
  input: Access.NewToken,
  origin: Token.Token | undefined,
  id: Identity.TokenId,
  now: number
): Token.Token => {
  const { hash } = input
  const rest = Struct.omit(input, ["hash", "madeWith"])
  const expiresAt = Token.endWithin(rest.expiresAt, origin?.expiresAt ?? null)
  const scopes = rest.scopes ?? Scope.all
  const token: Token.Token = {
    ...rest,
    scopes,
    expiresAt,
    parentId: origin?.id ?? null,
    id,
    lastUsedAt: null,
    createdAt: now
  }
  state.tokens.set(id, token)
  state.tokenByHash.set(hash, id)
  state.hashOf.set(id, hash)
  return token
}

const create = (
  state: AccessState,
  input: Access.NewToken,
  id: Identity.TokenId,
  now: number,
  max: number
): Result.Result<Token.Token, Access.TokenRefused> => {
  forgetEnded(state, input.userId, now - Token.endedRetention)
  if (input.purpose === "api" && countApi(state, input.userId, now) >= max) {
    return Result.fail(new Access.TokenRefused({ reason: "full" }))
  }
  return Result.map(
    originFor(state, input, now),
    ({ origin, scopes }) => putToken(state, { ...input, scopes }, origin, id, now)
  )
}

const list = (state: AccessState, user: Identity.UserId): ReadonlyArray<Token.Token> =>
  [...state.tokens.values()].filter(({ id, userId }) => userId === user && !state.revoked.has(id)).toReversed().slice(
    0,
    max
  )

const revoke = (
  state: AccessState,
  user: Identity.UserId,
  id: Identity.TokenId,
  now: number
): ReadonlyArray<Token.TokenHash> => {
  if (state.tokens.get(id)?.userId !== user) return []
  return familyOf(state, id).map((one) => {
    if (!state.revoked.has(one)) state.revoked.set(one, now)
    return state.hashOf.get(one)!
  })
}

const renew = (
  state: AccessState,
  user: Identity.UserId,
  id: Identity.TokenId,
  until: number,
  now: number
): Option.Option<Access.Renewed> => {
  const known = state.tokens.get(id)
  const hash = state.hashOf.get(id)
  if (known?.userId !== user || hash === undefined || known.purpose !== "api" || known.expiresAt === null) {
    return Option.none()
  }
  if (Option.isNone(authenticate(state, hash, now))) return Option.none()
  const origin = known.parentId === null ? undefined : state.tokens.get(known.parentId)
  const expiresAt = Math.max(known.expiresAt, Math.min(until, origin?.expiresAt ?? Infinity))
  const token = { ...known, expiresAt }
  state.tokens.set(id, token)
  return Option.some({ token, hash })
}

const redeem = (state: AccessState, hash: Token.TokenHash, now: number): Option.Option<Access.Redeemed> => {
  const held = authenticate(state, hash, now)
  if (Option.isNone(held) || held.value._tag !== "User") return Option.none()
  const { scopes, tokenId, userId } = held.value
  state.revoked.set(tokenId, now)
  return Option.some({ userId, scopes, parentId: state.tokens.get(tokenId)!.parentId })
}

const touch = (state: AccessState, hashes: ReadonlyArray<Token.TokenHash>, at: number): void => {
  for (const hash of hashes) {
    const id = state.tokenByHash.get(hash)
    const token = id === undefined ? undefined : state.tokens.get(id)
    if (token !== undefined) state.tokens.set(token.id, { ...token, lastUsedAt: Math.max(token.lastUsedAt ?? 0, at) })
  }
}

/** The part of Access for tokens. */
export const tokens = (state: AccessState) =>
  ({
    authenticate: (hash) => Effect.map(Clock.currentTimeMillis, (now) => authenticate(state, hash, now)),
    ended: (hashes) =>
      Effect.map(
        Clock.currentTimeMillis,
        (now) => hashes.filter((hash) => Option.isNone(authenticate(state, hash, now)))
      ),
    createToken: (input) =>
      Effect.gen(function*() {
        const id = Identity.TokenId.make(yield* Uuid.random)
        return yield* Effect.fromResult(
          create(state, input, id, yield* Clock.currentTimeMillis, (yield* StoreBounds.StoreBounds).tokens)
        )
      }),
    listTokens: (user) => Effect.sync(() => list(state, user)),
    revokeToken: (user, id) => Effect.map(Clock.currentTimeMillis, (now) => revoke(state, user, id, now)),
    renewToken: (user, id, until) => Effect.map(Clock.currentTimeMillis, (now) => renew(state, user, id, until, now)),
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
  }) satisfies Partial<Access.Access["Service"]>
