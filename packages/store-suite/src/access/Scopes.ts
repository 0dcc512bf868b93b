import { it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import { Access, Scope } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { day, minute, quietScene, start } from "../runtime/Fixture.ts"
import type { StoreBackend, StoreNode } from "../runtime/StoreBackend.ts"
import { hashOf, newToken } from "./Fixture.ts"

/** The credential of a person's token. */
const held = (node: StoreNode, n: number) =>
  node.access.authenticate(hashOf(n)).pipe(
    Effect.orDie,
    Effect.flatMap((found) =>
      Option.isSome(found) && found.value._tag === "User"
        ? Effect.succeed(found.value)
        : Effect.die(`token ${n} is not valid`)
    )
  )

const scopesOf = (node: StoreNode, n: number) => Effect.map(held(node, n), ({ scopes }) => scopes)

const reads = ["read"] as const
const asks = ["read", "ask"] as const
const manages = ["read", "admin"] as const

/** A-05, for the store. */
export const scopeTests = (backend: StoreBackend): void => {
  it.effect("A-05 a token has its scopes on every replica; without any given it has those of its parent, or all", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* quietScene(backend)
      const root = yield* a.access.createToken(newToken(user.id, 1))
      const ask = yield* b.access.createToken(newToken(user.id, 2, { madeWith: root.id, scopes: asks }))
      yield* a.access.createToken(newToken(user.id, 3, { madeWith: ask.id }))
      yield* a.access.createToken(newToken(user.id, 4, { madeWith: ask.id, purpose: "session" }))
      yield* a.access.createToken(newToken(user.id, 5, { scopes: manages }))
      const scopes = yield* Effect.forEach([1, 2, 3, 4, 5], (n) => scopesOf(b, n))
      deepStrictEqual(scopes, [Scope.all, asks, asks, asks, manages])
      const listed = (yield* a.access.listTokens(user.id)).toSorted((x, y) => x.name < y.name ? -1 : 1)
      deepStrictEqual(listed.map(({ scopes }) => scopes), scopes)
    }))

  it.effect("A-05 no token makes one with a scope that it does not have, for any purpose", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* quietScene(backend)
      const maker = yield* a.access.createToken(newToken(user.id, 1, { scopes: manages }))
      const session = yield* a.access.createToken(newToken(user.id, 2, { madeWith: maker.id, purpose: "session" }))
      const orphan = yield* a.access.createToken(newToken(user.id, 3, { purpose: "session", scopes: manages }))
      for (const { id: madeWith } of [maker, session, orphan]) {
        for (const purpose of ["api", "session", "link"] as const) {
          for (const scopes of [asks, ["read", "run"], Scope.all] as const) {
            const refused = yield* Effect.flip(
              b.access.createToken(newToken(user.id, 9, { madeWith, purpose, scopes }))
            )
            deepStrictEqual(refused, new Access.TokenRefused({ reason: "scope" }))
          }
        }
      }
      assertNone(yield* a.access.authenticate(hashOf(9)))
      yield* b.access.createToken(newToken(user.id, 9, { madeWith: orphan.id, scopes: reads }))
      deepStrictEqual(yield* scopesOf(a, 9), reads)
    }))

  it.effect("A-05 a link passes on its scopes, also without a token of origin", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* quietScene(backend)
      const maker = yield* a.access.createToken(newToken(user.id, 1, { scopes: asks }))
      yield* a.access.createToken(newToken(user.id, 2, { madeWith: maker.id, purpose: "link" }))
      yield* a.access.createToken(newToken(user.id, 3, { purpose: "link", scopes: reads }))
      assertSome(yield* b.access.redeemToken(hashOf(2)), { userId: user.id, scopes: asks, parentId: maker.id })
      assertSome(yield* b.access.redeemToken(hashOf(3)), { userId: user.id, scopes: reads, parentId: null })
    }))

  it.effect("A-05 a credential names the token to renew: itself, or the one that the session came from", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* quietScene(backend)
      const expiresAt = start + 90 * day
      const maker = yield* a.access.createToken(newToken(user.id, 1, { expiresAt }))
      yield* a.access.createToken(
        newToken(user.id, 2, { madeWith: maker.id, purpose: "session", expiresAt: start + day })
      )
      yield* a.access.createToken(newToken(user.id, 3, { purpose: "session", expiresAt: start + day }))
      const origins = yield* Effect.forEach([1, 2, 3], (n) => Effect.map(held(b, n), ({ origin }) => origin))
      deepStrictEqual(origins, [{ id: maker.id, expiresAt }, { id: maker.id, expiresAt }, null])
    }))

  it.effect("A-05 a renewal moves the end, on every replica, and never to an earlier time", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* quietScene(backend)
      const token = yield* a.access.createToken(newToken(user.id, 1, { expiresAt: start + day }))
      const until = start + 90 * day
      const renewed = Option.some({ token: { ...token, expiresAt: until }, hash: hashOf(1) })
      deepStrictEqual(yield* b.access.renewToken(user.id, token.id, until), renewed)
      deepStrictEqual(yield* a.access.renewToken(user.id, token.id, start + minute), renewed)
      yield* TestClock.adjust(90 * day - 1)
      deepStrictEqual((yield* held(a, 1)).expiresAt, until)
      yield* TestClock.adjust(1)
      assertNone(yield* b.access.authenticate(hashOf(1)))
    }))

  it.effect("A-05 a renewed token ends no later than the token that it was made with", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* quietScene(backend)
      const root = yield* a.access.createToken(newToken(user.id, 1, { expiresAt: start + 30 * day }))
      const child = yield* a.access.createToken(
        newToken(user.id, 2, { madeWith: root.id, expiresAt: start + day })
      )
      const renewed = yield* b.access.renewToken(user.id, child.id, start + 90 * day)
      deepStrictEqual(Option.map(renewed, ({ token }) => token.expiresAt), Option.some(start + 30 * day))
      yield* a.access.renewToken(user.id, root.id, start + 60 * day)
      const again = yield* b.access.renewToken(user.id, child.id, start + 90 * day)
      deepStrictEqual(Option.map(again, ({ token }) => token.expiresAt), Option.some(start + 60 * day))
    }))

  it.effect("A-05 a token that has ended, is not an API token, has no end or is another person's is not renewed", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* quietScene(backend)
      const bob = yield* a.access.ensureUser("bob@example.org", "Bob")
      const make = (n: number, more: Parameters<typeof newToken>[2] = {}) =>
        Effect.orDie(a.access.createToken(newToken(user.id, n, { expiresAt: start + day, ...more })))
      const expired = yield* make(1, { expiresAt: start + minute })
      const revoked = yield* make(2)
      const child = yield* make(3, { madeWith: revoked.id })
      yield* a.access.revokeToken(user.id, revoked.id)
      const others = [yield* make(4, { purpose: "session" }), yield* make(5, { purpose: "link" })]
      const endless = yield* make(6, { expiresAt: null })
      const living = yield* make(7)
      yield* TestClock.adjust(minute)
      for (const { id } of [expired, revoked, child, ...others, endless]) {
        assertNone(yield* b.access.renewToken(user.id, id, start + 90 * day))
      }
      assertNone(yield* b.access.renewToken(bob.id, living.id, start + 90 * day))
      deepStrictEqual((yield* held(a, 7)).expiresAt, start + day)
    }))
}
