import { it } from "@effect/vitest"
import { assertNone, assertSome, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Access, Identity, Scope, StoreBounds, Token } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { minute, quietScene, scene, sortedIds, start, together } from "../runtime/Fixture.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"
import { hashOf, newToken } from "./Fixture.ts"

const unknown = Identity.TokenId.make("00000000-0000-4000-8000-000000000000")

/** X-02, for the store. */
export const tokenTests = (backend: StoreBackend): void => {
  it.effect("X-02 a token is known on every replica by its hash, and shown without it", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      const token = yield* a.access.createToken(newToken(user.id, 1, { name: "laptop\0" }))
      deepStrictEqual({ ...token, name: token.name.replaceAll("\0", "") }, {
        id: token.id,
        userId: user.id,
        purpose: "api",
        parentId: null,
        name: "laptop",
        scopes: Scope.all,
        prefix: "mul_00112233",
        expiresAt: null,
        lastUsedAt: null,
        createdAt: start
      })
      assertSome(yield* b.access.authenticate(hashOf(1)), {
        _tag: "User",
        userId: user.id,
        tokenId: token.id,
        purpose: "api",
        prefix: "mul_00112233",
        scopes: Scope.all,
        expiresAt: null,
        origin: { id: token.id, expiresAt: null }
      })
      assertNone(yield* b.access.authenticate(hashOf(2)))
      deepStrictEqual(yield* b.access.listTokens(user.id), [token])
    }))

  it.effect("F-27 a person has at most the maximum number of API tokens; ended ones, sessions and other people's do not count", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      const other = yield* a.access.ensureUser("other@example.org", "Other")
      const create = (n: number, more: Parameters<typeof newToken>[2] = {}, of = user.id) =>
        Effect.provideService(b.access.createToken(newToken(of, n, more)), StoreBounds.StoreBounds, {
          runtimes: 1,
          tokens: 2
        })
      const first = yield* create(1)
      yield* create(2, { expiresAt: start + minute })
      deepStrictEqual(yield* Effect.flip(create(3)), new Access.TokenRefused({ reason: "full" }))
      yield* create(4, { purpose: "session" })
      yield* create(5, {}, other.id)
      yield* TestClock.adjust(minute)
      yield* create(6)
      deepStrictEqual(yield* Effect.flip(create(7)), new Access.TokenRefused({ reason: "full" }))
      yield* a.access.revokeToken(user.id, first.id)
      yield* create(8)
    }))

  it.effect("X-02 a token expires at its time on every replica; the list still shows it", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      const token = yield* a.access.createToken(newToken(user.id, 1, { expiresAt: start + minute }))
      yield* TestClock.adjust(minute - 1)
      assertTrue(Option.isSome(yield* b.access.authenticate(hashOf(1))))
      yield* TestClock.adjust(1)
      assertNone(yield* a.access.authenticate(hashOf(1)))
      assertNone(yield* b.access.authenticate(hashOf(1)))
      deepStrictEqual(yield* b.access.listTokens(user.id), [token])
    }))

  it.effect("X-02 a revoked token is refused immediately, and revoking it again succeeds", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      const token = yield* a.access.createToken(newToken(user.id, 1))
      const other = yield* a.access.createToken(newToken(user.id, 2))
      deepStrictEqual(yield* b.access.revokeToken(user.id, token.id), [hashOf(1)])
      assertNone(yield* a.access.authenticate(hashOf(1)))
      yield* a.access.revokeToken(user.id, token.id)
      assertNone(yield* b.access.authenticate(hashOf(1)))
      assertTrue(Option.isSome(yield* a.access.authenticate(hashOf(2))))
      deepStrictEqual(yield* a.access.listTokens(user.id), [other])
    }))

  it.effect("X-02 an ended token is removed 30 days later, when its owner makes another", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* quietScene(backend)
      const revoked = yield* a.access.createToken(newToken(user.id, 1))
      const expired = yield* a.access.createToken(newToken(user.id, 2, { expiresAt: start + minute }))
      const living = yield* a.access.createToken(newToken(user.id, 3))
      yield* TestClock.adjust(minute)
      yield* a.access.revokeToken(user.id, revoked.id)
      yield* TestClock.adjust(Token.endedRetention)
      const next = yield* b.access.createToken(newToken(user.id, 4))
      deepStrictEqual(sortedIds(yield* a.access.listTokens(user.id)), sortedIds([next, living, expired]))
      deepStrictEqual(yield* a.access.revokeToken(user.id, revoked.id), [hashOf(1)])
      yield* TestClock.adjust(1)
      yield* a.access.createToken(newToken(user.id, 5))
      deepStrictEqual(yield* b.access.revokeToken(user.id, revoked.id), [])
      deepStrictEqual(yield* b.access.revokeToken(user.id, expired.id), [])
      assertTrue(Option.isSome(yield* b.access.authenticate(hashOf(3))))
    }))

  it.effect("X-02 one of many concurrent calls redeems a link, once, and not after its time", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      yield* a.access.createToken(newToken(user.id, 1))
      const redeemed = yield* together(
        Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? a : b).access.redeemToken(hashOf(1)))
      )
      deepStrictEqual(redeemed.flatMap(Option.toArray), [{ userId: user.id, scopes: Scope.all, parentId: null }])
      assertNone(yield* a.access.redeemToken(hashOf(1)))
      assertNone(yield* b.access.authenticate(hashOf(1)))
      assertNone(yield* b.access.redeemToken(hashOf(2)))
      yield* a.access.createToken(newToken(user.id, 3, { expiresAt: start + minute }))
      yield* TestClock.adjust(minute)
      assertNone(yield* b.access.redeemToken(hashOf(3)))
    }))

  it.effect("X-02 a person can revoke neither another person's token nor an unknown one", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      const token = yield* a.access.createToken(newToken(user.id, 1))
      const bob = yield* a.access.ensureUser("bob@example.org", "Bob")
      deepStrictEqual(yield* b.access.revokeToken(bob.id, token.id), [])
      deepStrictEqual(yield* b.access.revokeToken(user.id, unknown), [])
      assertTrue(Option.isSome(yield* a.access.authenticate(hashOf(1))))
      deepStrictEqual(yield* a.access.listTokens(user.id), [token])
    }))

  it.effect("the list has the person's own tokens, newest first", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      const bob = yield* a.access.ensureUser("bob@example.org", "Bob")
      const made: Array<string> = []
      for (const n of [1, 2, 3]) {
        made.push((yield* a.access.createToken(newToken(user.id, n))).id)
        yield* a.access.createToken(newToken(bob.id, 10 + n))
        yield* TestClock.adjust(1)
      }
      deepStrictEqual((yield* b.access.listTokens(user.id)).map(({ id }) => id), made.toReversed())
    }))

  it.effect("touch records the use of all tokens in one call, never backwards, and skips unknown ones", () =>
    Effect.gen(function*() {
      const { a, b, user } = yield* scene(backend)
      for (const n of [1, 2, 3]) yield* a.access.createToken(newToken(user.id, n))
      const used = Effect.map(
        a.access.listTokens(user.id),
        (tokens) => Object.fromEntries(tokens.map(({ lastUsedAt, name }) => [name, lastUsedAt]))
      )
      yield* b.access.touchTokens([hashOf(1), hashOf(2), hashOf(9)], start + minute)
      yield* a.access.touchTokens([hashOf(2)], start)
      yield* a.access.touchTokens([], start)
      deepStrictEqual(yield* used, { "token 1": start + minute, "token 2": start + minute, "token 3": null })
      yield* together(Array.from({ length: 10 }, (_, i) =>
        (i % 2 === 0 ? a : b).access.touchTokens(
          i % 4 < 2 ? [hashOf(1), hashOf(2), hashOf(3)] : [hashOf(3), hashOf(2), hashOf(1)],
          start + 2 * minute + i
        )))
      const last = start + 2 * minute + 9
      deepStrictEqual(yield* used, { "token 1": last, "token 2": last, "token 3": last })
    }))

  it.effect("X-02 a daemon token is valid for its daemon in its workspace until it expires", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* scene(backend)
      const daemonId = Identity.DaemonId.make("box")
      const input = { workspaceId: workspace.id, daemonId, hash: hashOf(1), expiresAt: start + minute }
      yield* a.access.createDaemonToken(input)
      assertSome(yield* b.access.authenticate(hashOf(1)), { _tag: "Daemon", workspaceId: workspace.id, daemonId })
      strictEqual((yield* b.access.listTokens(user.id)).length, 0)
      yield* TestClock.adjust(minute)
      assertNone(yield* b.access.authenticate(hashOf(1)))
    }))
}
