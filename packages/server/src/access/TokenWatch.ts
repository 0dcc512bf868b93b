import { Access, Machines, type Token } from "@muster/domain"
import { Context, Deferred, Duration, Effect, Layer, Schedule } from "effect"
import { Authenticator } from "./Authenticator.ts"

/** How often the tokens of open connections are checked. With the store's deadline of 6 s, an end is noticed within 10 s. */
const lookEvery = Duration.seconds(3)

/** How many tokens one query checks; more tokens take several queries. */
const batch = 5_000

/**
 * Notifies open connections (event streams, daemons' sockets, waiting calls) that their token has ended: revoked on any
 * replica, expired, or descended from a revoked token. Makes one query per 3 s for all of them, and none while nothing is
 * open. An unavailable store ends no connection.
 */
export class TokenWatch extends Context.Service<TokenWatch, {
  /** Returns when the token has ended, at most 10 s late. */
  readonly end: (token: Token.TokenHash) => Effect.Effect<void>
}>()("@muster/server/access/TokenWatch") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const access = yield* Access.Access
      const authenticator = yield* Authenticator
      const machines = yield* Machines.Machines
      const watched = new Map<Token.TokenHash, { readonly ended: Deferred.Deferred<void>; users: number }>()

      const enter = (token: Token.TokenHash) =>
        Effect.sync(() => {
          const one = watched.get(token) ?? { ended: Deferred.makeUnsafe<void>(), users: 0 }
          one.users++
          watched.set(token, one)
          return one
        })

      const look = Effect.fnUntraced(
        function*(tokens: ReadonlyArray<Token.TokenHash>) {
          // Credentials of machines are not tokens.
          for (const token of yield* machines.ended(yield* access.ended(tokens))) {
            yield* authenticator.forget(token)
            const one = watched.get(token)
            if (one !== undefined) yield* Deferred.succeed(one.ended, undefined)
          }
        },
        Effect.catch((error) =>
          Effect.logDebug("cannot check the tokens of open connections, trying again in 3 s", error)
        )
      )

      const lookAll = Effect.suspend(() => {
        const tokens = [...watched.keys()]
        const batches = Array.from(
          { length: Math.ceil(tokens.length / batch) },
          (_, n) => tokens.slice(n * batch, (n + 1) * batch)
        )
        return Effect.forEach(batches, look, { concurrency: "unbounded", discard: true })
      })
      yield* lookAll.pipe(Effect.schedule(Schedule.spaced(lookEvery)), Effect.forkScoped)

      return TokenWatch.of({
        end: (token) =>
          Effect.acquireUseRelease(
            enter(token),
            ({ ended }) => Deferred.await(ended),
            (one) =>
              Effect.sync(() => {
                if (--one.users === 0 && watched.get(token) === one) watched.delete(token)
              })
          )
      })
    })
  )
}
