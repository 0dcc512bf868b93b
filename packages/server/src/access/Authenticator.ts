import { Access, type Identity, Machines, type Membership, type Store, Token } from "@muster/domain"
import { finalizeWithin } from "@muster/kit"
import { Clock, Context, Duration, Effect, Layer, Option, Schedule } from "effect"
import { hash } from "node:crypto"
import { makeUpkeep } from "../condition/upkeep.ts"
import { makeMemo } from "../memo/Memo.ts"
import { makeTokenHashes } from "./TokenHashes.ts"

/** How long an answer of the access store may be reused. A revoked token is refused by every replica within this time. */
const maxAge = Duration.seconds(8)

/** How often times of last use are written, in one statement. */
const touchEvery = Duration.minutes(1)

/** How many tokens may have a pending time of last use. Further ones are not recorded, for example in a long outage. */
const maxUsed = 100_000

/** No token is longer than this, in characters. */
const maxTokenLength = 200

export const hashToken = (token: string): Token.TokenHash => hash("sha256", token, "hex") as Token.TokenHash

const addBounded = (set: Set<Token.TokenHash>, hash: Token.TokenHash) => {
  if (set.size < maxUsed) set.add(hash)
}

/** Which credentials were used since the last write. Those of a failed or interrupted write wait for the next one. */
const makeUsed = () => {
  const used = { tokens: new Set<Token.TokenHash>(), machines: new Set<Token.TokenHash>() }
  return {
    add: (hash: Token.TokenHash, { _tag }: Identity.Credential) =>
      addBounded(_tag === "Machine" ? used.machines : used.tokens, hash),
    write: (
      which: keyof typeof used,
      touch: (hashes: ReadonlyArray<Token.TokenHash>, at: number) => Effect.Effect<void, Store.StoreUnavailable>
    ) =>
      Effect.suspend(() => {
        const hashes = [...used[which]]
        used[which].clear()
        if (hashes.length === 0) return Effect.void
        return Effect.flatMap(Clock.currentTimeMillis, (now) => touch(hashes, now)).pipe(
          Effect.onError(() => Effect.sync(() => hashes.forEach((hash) => addBounded(used[which], hash))))
        )
      })
  }
}

const unknown = Effect.succeed(Option.none<Identity.Credential>())

/** Resolves tokens to credentials and members to roles. Caches the access store's answers for up to 8 s. */
export class Authenticator extends Context.Service<Authenticator, {
  /** None: the token is not valid. */
  readonly authenticate: (token: string) => Effect.Effect<Option.Option<Identity.Credential>, Store.StoreUnavailable>
  /** The cached credential; undefined does not mean that the token is invalid. */
  readonly known: (token: string) => Identity.Credential | undefined
  readonly roleOf: (
    user: Identity.UserId,
    workspace: Identity.WorkspaceId
  ) => Effect.Effect<Option.Option<Identity.Role>, Store.StoreUnavailable>
  /** Whether the cache has the membership; false does not mean that the user is not a member. */
  readonly isKnownMember: (user: Identity.UserId, workspace: Identity.WorkspaceId) => boolean
  /** Removes a revoked token from the cache. */
  readonly forget: (hash: Token.TokenHash) => Effect.Effect<void>
  /** Removes a membership that ended or changed from the cache. */
  readonly forgetMember: (place: Membership.Place) => Effect.Effect<void>
}>()("@muster/server/access/Authenticator") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const access = yield* Access.Access
      const upkeep = yield* makeUpkeep
      const machines = yield* Machines.Machines
      const used = makeUsed()
      const hashes = yield* makeTokenHashes
      const noted = (
        lookup: (hashed: Token.TokenHash) => Effect.Effect<Option.Option<Identity.Credential>, Store.StoreUnavailable>
      ) =>
        makeMemo({
          lookup: (hashed: Token.TokenHash) =>
            Effect.tap(lookup(hashed), (found) =>
              Effect.sync(() => Option.isSome(found) && used.add(hashed, found.value))),
          keep: Option.isSome,
          maxAge
        })
      const ofPeople = yield* noted(access.authenticate)
      /** Of machines, and of daemons that have a token of their own. */
      const ofDaemons = yield* noted((hashed) =>
        Effect.flatMap(
          machines.authenticate(hashed),
          (found) => Option.isSome(found) ? Effect.succeed(found) : access.authenticate(hashed)
        )
      )
      const memoFor = (token: string) => Token.kindOf(token) === "daemon" ? ofDaemons : ofPeople
      const roles = yield* makeMemo({
        lookup: (membership: string) => {
          const [user, workspace] = membership.split(" ") as [Identity.UserId, Identity.WorkspaceId]
          return access.roleOf(user, workspace)
        },
        keep: Option.isSome,
        maxAge
      })

      /** Keeps the times of a failed or interrupted write for the next write. */
      const touch = upkeep(
        "writing the times of last use of tokens",
        Effect.all([used.write("tokens", access.touchTokens), used.write("machines", machines.touch)], {
          mode: "result"
        })
      )
      yield* finalizeWithin("2 seconds", touch)
      yield* touch.pipe(Effect.schedule(Schedule.spaced(touchEvery)), Effect.forkScoped)

      return Authenticator.of({
        authenticate: (token) =>
          Token.kindOf(token) === undefined || token.length > maxTokenLength
            ? unknown
            : memoFor(token).get(hashToken(token)),
        known: (token) => {
          if (token.length > maxTokenLength) return undefined
          const known = hashes.peek(token)
          const hash = known ?? hashToken(token)
          const kept = memoFor(token).peek(hash)
          if (kept === undefined) return undefined
          if (known === undefined) hashes.keep(token, hash)
          return Option.getOrUndefined(kept)
        },
        roleOf: (user, workspace) => roles.get(`${user} ${workspace}`),
        isKnownMember: (user, workspace) => roles.peek(`${user} ${workspace}`) !== undefined,
        forget: (hash) => Effect.andThen(ofPeople.forget(hash), ofDaemons.forget(hash)),
        forgetMember: ({ userId, workspaceId }) => roles.forget(`${userId} ${workspaceId}`)
      })
    })
  )
}
