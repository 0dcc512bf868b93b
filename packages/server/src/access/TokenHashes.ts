import type { Token } from "@muster/domain"
import { Duration, Effect, Schedule } from "effect"

/** How long a token is kept at most. It exceeds the beat interval. */
const maxAge = Duration.seconds(60)

/** How many tokens are kept; a further one removes the others. */
const capacity = 10_000

/**
 * Remembers the hashes of accepted tokens, in memory only: hashing costs a tenth of what this server adds to a beat. A hash
 * never changes, so a revoked token needs no removal here. All are removed every 60 s; a miss only hashes again.
 */
export const makeTokenHashes = Effect.gen(function*() {
  const hashes = new Map<string, Token.TokenHash>()
  yield* Effect.sync(() => hashes.clear()).pipe(Effect.schedule(Schedule.spaced(maxAge)), Effect.forkScoped)
  return {
    peek: (token: string): Token.TokenHash | undefined => hashes.get(token),
    /** Only for an accepted token, so that the calls of strangers occupy no memory. */
    keep: (token: string, hash: Token.TokenHash): void => {
      if (hashes.size >= capacity) hashes.clear()
      hashes.set(token, hash)
    }
  }
})
