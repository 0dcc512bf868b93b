import {
  Access,
  type Credential,
  type Role,
  type StoreUnavailable,
  type TokenHash,
  tokenKind,
  type UserId,
  type WorkspaceId
} from "@muster/domain"
import { Clock, Context, Duration, Effect, Layer, Option, Schedule } from "effect"
import { hash } from "node:crypto"
import { makeUpkeep } from "../condition/upkeep.ts"
import { makeMemo } from "../memo/Memo.ts"

/** How long an answer of the access store may be reused: a revoked token is dead everywhere within this time. */
const maxAge = Duration.seconds(8)

/** How often the times of last use are written, all in one statement. */
const touchEvery = Duration.minutes(1)

/** The most tokens whose use waits to be written; while the store is down for long, further ones are not noted. */
const maxUsed = 100_000

/** A text longer than this is no token of ours. */
const maxTokenLength = 200

export const hashToken = (token: string): TokenHash => hash("sha256", token, "hex") as TokenHash

const unknown = Effect.succeed(Option.none<Credential>())

/** Who a token belongs to and what they are in a workspace, asked of the access store at most once in a few seconds. */
export class Authenticator extends Context.Service<Authenticator, {
  /** None: not a token that is valid now. */
  readonly authenticate: (token: string) => Effect.Effect<Option.Option<Credential>, StoreUnavailable>
  /** The same where it is known without asking; undefined says nothing. */
  readonly known: (token: string) => Credential | undefined
  readonly roleOf: (user: UserId, workspace: WorkspaceId) => Effect.Effect<Option.Option<Role>, StoreUnavailable>
  /** Whether it is known without asking that the user is a member; false says nothing. */
  readonly isKnownMember: (user: UserId, workspace: WorkspaceId) => boolean
  /** What was remembered of a token that has just been revoked here. */
  readonly forget: (hash: TokenHash) => Effect.Effect<void>
}>()("@muster/server/access/Authenticator") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const access = yield* Access
      const upkeep = yield* makeUpkeep
      const used = new Set<TokenHash>()
      const credentials = yield* makeMemo({
        lookup: (hashed: TokenHash) =>
          Effect.tap(access.authenticate(hashed), (found) =>
            Effect.sync(() => {
              if (Option.isSome(found) && used.size < maxUsed) used.add(hashed)
            })),
        keep: Option.isSome,
        maxAge
      })
      const roles = yield* makeMemo({
        lookup: (membership: string) => {
          const [user, workspace] = membership.split(" ") as [UserId, WorkspaceId]
          return access.roleOf(user, workspace)
        },
        keep: Option.isSome,
        maxAge
      })

      /** What a write that failed, or was cut short, held is kept for the next one. */
      const touch = upkeep(
        "the writing of tokens' last use",
        Effect.suspend(() => {
          const hashes = [...used]
          used.clear()
          if (hashes.length === 0) return Effect.void
          return Effect.flatMap(Clock.currentTimeMillis, (now) => access.touchTokens(hashes, now)).pipe(
            Effect.onError(() =>
              Effect.sync(() => {
                for (const hash of hashes) if (used.size < maxUsed) used.add(hash)
              })
            )
          )
        })
      )
      yield* Effect.addFinalizer(() => Effect.ignore(Effect.timeoutOption(touch, "2 seconds")))
      yield* touch.pipe(Effect.schedule(Schedule.spaced(touchEvery)), Effect.forkScoped)

      return Authenticator.of({
        authenticate: (token) =>
          tokenKind(token) === undefined || token.length > maxTokenLength ? unknown : credentials.get(hashToken(token)),
        known: (token) => {
          const kept = token.length > maxTokenLength ? undefined : credentials.peek(hashToken(token))
          return kept === undefined ? undefined : Option.getOrUndefined(kept)
        },
        roleOf: (user, workspace) => roles.get(`${user} ${workspace}`),
        isKnownMember: (user, workspace) => roles.peek(`${user} ${workspace}`) !== undefined,
        forget: credentials.forget
      })
    })
  )
}
