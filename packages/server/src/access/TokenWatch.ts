import { Access, Machines, type Token } from "@muster/domain"
import { Context, Effect, Layer } from "effect"
import { Authenticator } from "./Authenticator.ts"
import { type EndWatch, makeEndWatch } from "./EndWatch.ts"

/**
 * Notifies open connections (event streams, daemons' sockets, waiting calls) that their token has ended: revoked on any
 * replica, expired, or descended from a revoked token. See `makeEndWatch`.
 */
export class TokenWatch extends Context.Service<TokenWatch, EndWatch<Token.TokenHash>>()(
  "@muster/server/access/TokenWatch"
) {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const access = yield* Access.Access
      const authenticator = yield* Authenticator
      const machines = yield* Machines.Machines
      const watch = yield* makeEndWatch({
        what: "tokens",
        look: (tokens: ReadonlyArray<Token.TokenHash>) =>
          access.ended(tokens).pipe(
            // Credentials of machines are not tokens.
            Effect.flatMap(machines.ended),
            Effect.tap((ended) => Effect.forEach(ended, authenticator.forget, { discard: true }))
          )
      })
      return TokenWatch.of(watch)
    })
  )
}
