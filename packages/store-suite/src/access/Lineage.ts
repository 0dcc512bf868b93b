import { it } from "@effect/vitest"
import { assertNone, assertSome, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Access, Identity, Scope, Token } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { minute, quietScene, scene, start, together } from "../runtime/Fixture.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"
import { hashOf, newToken } from "./Fixture.ts"

/** A scene with a token (hash 1) and a way to make others with it. */
const family = Effect.fnUntraced(function*(backend: StoreBackend, more: Partial<Access.NewToken> = {}) {
  const nodes = yield* quietScene(backend)
  const { a, b, user } = nodes
  const root = yield* Effect.orDie(a.access.createToken(newToken(user.id, 1, more)))
  const make = (n: number, madeWith: Identity.TokenId, more: Partial<Access.NewToken> = {}) =>
    Effect.orDie((n % 2 === 0 ? a : b).access.createToken(newToken(user.id, n, { madeWith, ...more })))
  const alive = Effect.fnUntraced(function*(...numbers: ReadonlyArray<number>) {
    const asked = numbers.map(hashOf)
    const known = yield* Effect.filter(asked, (hash) => Effect.map(b.access.authenticate(hash), Option.isSome))
    // Connections kept open for a token follow the same rule.
    const ended = yield* a.access.ended(asked)
    deepStrictEqual(asked.filter((hash) => !ended.includes(hash)), known)
    return numbers.filter((n) => known.includes(hashOf(n)))
  })
  return { ...nodes, root, make, alive }
})

/** F-32, for the store: descendants of a token end with it. */
export const lineageTests = (backend: StoreBackend): void => {
  it.effect("F-32 a descendant of a token ends no later than the token", () =>
    Effect.gen(function*() {
      const { alive, make, root } = yield* family(backend, { expiresAt: start + minute })
      const purposes = ["api", "session", "link"] as const
      for (const [i, expiresAt] of [null, start + 2 * minute, start + minute / 2].entries()) {
        for (const [j, purpose] of purposes.entries()) {
          const made = yield* make(10 + 3 * i + j, root.id, { purpose, expiresAt })
          deepStrictEqual(
            [made.parentId, made.purpose, made.expiresAt],
            [root.id, purpose, Math.min(expiresAt ?? Infinity, start + minute)]
          )
        }
      }
      yield* TestClock.adjust(minute - 1)
      deepStrictEqual(yield* alive(1, 10, 11, 14, 16), [1, 10, 11, 14])
      yield* TestClock.adjust(1)
      deepStrictEqual(yield* alive(1, 10, 11, 14, 16), [])
    }))

  it.effect("F-32 revoking a token revokes all its descendants, on every replica, and nothing else", () =>
    Effect.gen(function*() {
      const { a, alive, b, make, root, user } = yield* family(backend)
      const child = yield* make(2, root.id)
      const session = yield* make(3, root.id, { purpose: "session" })
      yield* make(4, child.id)
      const sibling = yield* a.access.createToken(newToken(user.id, 5))
      deepStrictEqual([...yield* b.access.revokeToken(user.id, child.id)].toSorted(), [hashOf(2), hashOf(4)])
      deepStrictEqual(yield* alive(1, 2, 3, 4, 5), [1, 3, 5])
      const hashes = yield* a.access.revokeToken(user.id, root.id)
      deepStrictEqual([...hashes].toSorted(), [hashOf(1), hashOf(2), hashOf(3), hashOf(4)])
      deepStrictEqual([...yield* b.access.revokeToken(user.id, root.id)].toSorted(), [...hashes].toSorted())
      deepStrictEqual(yield* alive(1, 2, 3, 4, 5), [5])
      deepStrictEqual(yield* b.access.listTokens(user.id), [sibling])
      strictEqual((yield* b.access.revokeToken(user.id, session.id)).length, 1)
    }))

  it.effect("F-32 what a session makes ends with the token that the session came from, not with the session", () =>
    Effect.gen(function*() {
      const { a, alive, make, root, user } = yield* family(backend, { expiresAt: start + 5 * minute })
      const session = yield* make(2, root.id, { purpose: "session", expiresAt: start + minute })
      const made = yield* make(3, session.id)
      deepStrictEqual([made.parentId, made.expiresAt], [root.id, root.expiresAt])
      deepStrictEqual(yield* a.access.revokeToken(user.id, session.id), [hashOf(2)])
      deepStrictEqual(yield* alive(1, 2, 3), [1, 3])
      yield* a.access.revokeToken(user.id, root.id)
      deepStrictEqual(yield* alive(1, 2, 3), [])
    }))

  it.effect("F-32 a session without a token makes tokens that end independently", () =>
    Effect.gen(function*() {
      const { a, make, user } = yield* family(backend)
      const { id } = yield* a.access.createToken(
        newToken(user.id, 2, { purpose: "session", expiresAt: start + minute })
      )
      const made = yield* make(3, id)
      deepStrictEqual([made.parentId, made.expiresAt], [null, null])
    }))

  it.effect("F-32 an ended, unknown or another person's token makes nothing", () =>
    Effect.gen(function*() {
      const { a, b, make, root, user } = yield* family(backend)
      const bob = yield* a.access.ensureUser("bob@example.org", "Bob")
      const expired = yield* make(2, root.id, { expiresAt: start + minute })
      const revoked = yield* make(3, root.id)
      const orphan = yield* make(4, revoked.id)
      yield* a.access.revokeToken(user.id, revoked.id)
      yield* TestClock.adjust(minute)
      const refused = (madeWith: Identity.TokenId, owner = user.id) =>
        Effect.flip(b.access.createToken(newToken(owner, 9, { madeWith })))
      for (const { id } of [expired, revoked, orphan]) {
        deepStrictEqual(yield* refused(id), new Access.TokenRefused({ reason: "ended" }))
      }
      strictEqual((yield* refused(root.id, bob.id))._tag, "TokenRefused")
      strictEqual((yield* refused("00000000-0000-4000-8000-000000000000" as Identity.TokenId))._tag, "TokenRefused")
      assertNone(yield* a.access.authenticate(hashOf(9)))
    }))

  it.effect("F-32 tokens descend from each other 16 deep and no deeper", () =>
    Effect.gen(function*() {
      const { a, alive, b, make, root, user } = yield* family(backend)
      let last = root
      for (let n = 2; n <= Token.maxLineage; n++) last = yield* make(n, last.id)
      const more = yield* Effect.flip(b.access.createToken(newToken(user.id, 99, { madeWith: last.id })))
      deepStrictEqual(more, new Access.TokenRefused({ reason: "lineage" }))
      deepStrictEqual(yield* alive(1, Token.maxLineage), [1, Token.maxLineage])
      strictEqual((yield* a.access.revokeToken(user.id, root.id)).length, Token.maxLineage)
      deepStrictEqual(yield* alive(1, Token.maxLineage), [])
    }))

  it.effect("F-32 a link ends with its token, and returns the token that its session ends with", () =>
    Effect.gen(function*() {
      const { a, b, make, root, user } = yield* family(backend)
      yield* make(2, root.id, { purpose: "link" })
      yield* make(3, root.id, { purpose: "link" })
      assertSome(yield* b.access.redeemToken(hashOf(2)), { userId: user.id, scopes: Scope.all, parentId: root.id })
      yield* a.access.revokeToken(user.id, root.id)
      assertNone(yield* b.access.redeemToken(hashOf(3)))
    }))

  it.effect("F-32 a token made while its parent is revoked is not valid", () =>
    Effect.gen(function*() {
      const { a, alive, b, root, user } = yield* family(backend)
      const numbers = Array.from({ length: 24 }, (_, i) => i + 10)
      yield* together<unknown, unknown, never>([
        ...numbers.map((n) =>
          Effect.result((n % 2 === 0 ? a : b).access.createToken(newToken(user.id, n, { madeWith: root.id })))
        ),
        b.access.revokeToken(user.id, root.id)
      ])
      deepStrictEqual(yield* alive(...numbers), [])
    }))

  it.effect("F-32 removing an old token removes its descendants", () =>
    Effect.gen(function*() {
      const { a, b, make, root, user } = yield* family(backend, { expiresAt: start + minute })
      const child = yield* make(2, root.id)
      yield* TestClock.adjust(minute + Token.endedRetention + 1)
      yield* a.access.createToken(newToken(user.id, 3))
      deepStrictEqual(yield* b.access.revokeToken(user.id, child.id), [])
      deepStrictEqual((yield* b.access.listTokens(user.id)).map(({ name }) => name), ["token 3"])
    }))

  it.effect("F-32 the check of open connections returns every invalid token, including daemon tokens and unknown ones", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* scene(backend)
      yield* a.access.createToken(newToken(user.id, 1))
      const daemonId = Identity.DaemonId.make("box")
      const daemon = { workspaceId: workspace.id, daemonId, hash: hashOf(2), expiresAt: start + minute }
      yield* a.access.createDaemonToken(daemon)
      deepStrictEqual(yield* b.access.ended([]), [])
      deepStrictEqual(yield* b.access.ended([hashOf(1), hashOf(2), hashOf(3)]), [hashOf(3)])
      yield* TestClock.adjust(minute)
      assertTrue((yield* b.access.ended([hashOf(1), hashOf(2)])).includes(hashOf(2)))
    }))
}
