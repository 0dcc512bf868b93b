import {
  Access,
  type Credential,
  isWellFormedToken,
  type Role,
  type StoreUnavailable,
  TokenHash,
  tokenKind,
  type UserId,
  type WorkspaceId
} from "@muster/domain"
import { Cache, Clock, Context, Duration, Effect, Exit, Layer, Option, Schedule } from "effect"
import { hash } from "node:crypto"

/** How long an answer of the access store is reused. A revoked token is dead everywhere within this time. */
const freshFor = Duration.seconds(5)
const capacity = 20_000

/** How often the times of last use are written, all in one statement. */
const touchEvery = Duration.minutes(1)

export const hashToken = (token: string): TokenHash => hash("sha256", token, "hex") as TokenHash

/** Answers of the store are reused for 5 s; a fault is never remembered. */
const ttl = <A>(exit: Exit.Exit<A, unknown>) => Exit.isSuccess(exit) ? freshFor : Duration.zero

/** Who a token belongs to and what they are in a workspace, asked of the access store at most once in 5 s. */
export class Authenticator extends Context.Service<Authenticator, {
  /** None: not a token that is valid now. */
  readonly authenticate: (token: string) => Effect.Effect<Option.Option<Credential>, StoreUnavailable>
  readonly roleOf: (user: UserId, workspace: WorkspaceId) => Effect.Effect<Option.Option<Role>, StoreUnavailable>
  /** What was remembered of a token that has just been revoked here. */
  readonly forget: (hash: TokenHash) => Effect.Effect<void>
}>()("@muster/server/access/Authenticator") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const access = yield* Access
      const credentials = yield* Cache.makeWith(access.authenticate, { capacity, timeToLive: ttl })
      const roles = yield* Cache.makeWith(
        (membership: string) => {
          const [user, workspace] = membership.split(" ") as [UserId, WorkspaceId]
          return access.roleOf(user, workspace)
        },
        { capacity, timeToLive: ttl }
      )

      const used = new Set<TokenHash>()
      const touch = Effect.suspend(() => {
        const hashes = [...used]
        used.clear()
        return hashes.length === 0
          ? Effect.void
          : Effect.flatMap(Clock.currentTimeMillis, (now) => access.touchTokens(hashes, now))
      }).pipe(Effect.catch((error) => Effect.logWarning("times of last use not written", error)))
      yield* Effect.addFinalizer(() => Effect.ignore(Effect.timeoutOption(touch, "2 seconds")))
      yield* touch.pipe(Effect.schedule(Schedule.spaced(touchEvery)), Effect.forkScoped)

      const none = Effect.succeed(Option.none<Credential>())
      return Authenticator.of({
        authenticate: (token) => {
          // Other servers of the protocol issue tokens without a checksum; those must still be looked up.
          if (tokenKind(token) === undefined || token.length > 200) return none
          const hashed = hashToken(token)
          if (isWellFormedToken(token) && used.size < capacity) used.add(hashed)
          return Cache.get(credentials, hashed)
        },
        roleOf: (user, workspace) => Cache.get(roles, `${user} ${workspace}`),
        forget: (hashed) => Cache.invalidate(credentials, hashed)
      })
    })
  )
}
