import { it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { DaemonAccess, Identity, Runtime, RuntimeRegistry } from "@muster/domain"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { idsOf, minute, register, registerOne, registration, scene, sortedIds, start, together } from "./Fixture.ts"
import type { StoreBackend } from "./StoreBackend.ts"

const old = Identity.DaemonId.make("box.local")

/** A scene with a second member. */
const sceneOfTwo = Effect.fnUntraced(function*(backend: StoreBackend) {
  const { user: ada, ...rest } = yield* scene(backend)
  const { id: bob } = yield* rest.a.access.ensureUser("bob@example.org", "Bob")
  yield* rest.a.access.setMember(bob, rest.workspace.id, "member")
  return { ...rest, ada: ada.id, bob }
})

/** The runtimes that a registration may change. */
export const ownership = (backend: StoreBackend): void => {
  it.effect("F-25 a registration writes rows without an owner or of its own person, and no others (mayRegister)", () =>
    Effect.gen(function*() {
      const { a, ada, b, bob, workspace } = yield* sceneOfTwo(backend)
      const people: ReadonlyArray<Identity.UserId | null> = [ada, bob, null]
      for (const [i, first] of people.entries()) {
        for (const [j, second] of people.entries()) {
          const daemonId = Identity.DaemonId.make(`box-${i}-${j}`)
          const [row] = yield* register(a, workspace, ["codex"], { daemonId, owner: first })
          const again = registration(workspace, ["codex"], { daemonId, owner: second, timezone: "UTC" })
          const answer = yield* Effect.result(
            Effect.map(b.registry.register(again), ({ runtimes: [one] }) => one!.ownerId)
          )
          deepStrictEqual(
            answer,
            DaemonAccess.mayRegister(second, first)
              ? Result.succeed(second ?? first)
              : Result.fail(new RuntimeRegistry.DaemonOfAnother({ daemonId, ownerId: first! }))
          )
          if (Result.isFailure(answer)) {
            deepStrictEqual(yield* a.registry.find(row!.id), { _tag: "Found", runtime: row! })
          }
        }
      }
    }))

  it.effect("F-25 another person adds no runtime to a daemon, with any other content of the registration", () =>
    Effect.gen(function*() {
      const { a, ada, b, bob, workspace } = yield* sceneOfTwo(backend)
      yield* register(a, workspace, ["codex"], { owner: ada })
      const before = yield* a.registry.list(workspace.id)
      yield* TestClock.adjust(minute)
      for (const providers of [["claude"], ["claude", "codex"], ["gemini", "codex", "claude"]]) {
        const legacyDaemonIds = ["box", "BOX"]
        const squat = registration(workspace, providers, { owner: bob, legacyDaemonIds })
        strictEqual((yield* Effect.flip(b.registry.register(squat)))._tag, "DaemonOfAnother")
      }
      deepStrictEqual(yield* a.registry.list(workspace.id), before)
      // A daemon token may, and what it adds gets an owner.
      const [claude] = yield* register(b, workspace, ["claude"])
      strictEqual(claude!.ownerId, ada)
    }))

  it.effect("F-25 legacy ids merge rows without an owner and of the same person, and no others (mayMerge)", () =>
    Effect.gen(function*() {
      const { a, ada, b, bob, workspace } = yield* sceneOfTwo(backend)
      const people: ReadonlyArray<Identity.UserId | null> = [ada, bob, null]
      for (const [i, first] of people.entries()) {
        for (const [j, second] of people.entries()) {
          const [was, is] = [Identity.DaemonId.make(`Old-${i}-${j}`), Identity.DaemonId.make(`new-${i}-${j}`)]
          const [row] = yield* register(a, workspace, ["codex"], { daemonId: was, owner: first })
          const legacyDaemonIds = [was, was.toUpperCase(), was.toLowerCase()]
          yield* register(b, workspace, ["codex"], { daemonId: is, owner: second, legacyDaemonIds })
          const found = yield* a.registry.find(row!.id)
          if (DaemonAccess.mayMerge(second, first)) strictEqual(found._tag, "Gone")
          else deepStrictEqual(found, { _tag: "Found", runtime: row! })
        }
      }
    }))

  it.effect("F-25 of two people who register one daemon id concurrently, one gets all of it", () =>
    Effect.gen(function*() {
      const { a, ada, b, bob, workspace } = yield* sceneOfTwo(backend)
      for (let round = 0; round < 8; round++) {
        const daemonId = Identity.DaemonId.make(`race-${round}`)
        const answers = yield* together([ada, bob, ada, bob].map((owner, i) =>
          Effect.result(
            (i % 2 === 0 ? a : b).registry.register(
              registration(workspace, i < 2 ? ["codex", "claude"] : ["gemini", "codex"], { daemonId, owner })
            )
          )
        ))
        const rows = (yield* a.registry.list(workspace.id)).filter((row) => row.daemonId === daemonId)
        strictEqual(new Set(rows.map(({ ownerId }) => ownerId)).size, 1)
        strictEqual(rows.length, 3)
        for (const [i, answer] of answers.entries()) {
          strictEqual(Result.isSuccess(answer), [ada, bob][i % 2] === rows[0]!.ownerId)
        }
      }
    }))

  it.effect("F-25 taking over moves all runtimes of the daemon in its workspace, on every replica, and no other", () =>
    Effect.gen(function*() {
      const { a, ada, b, bob, workspace } = yield* sceneOfTwo(backend)
      const mine = yield* register(a, workspace, ["codex", "claude"], { owner: ada })
      const others = [
        yield* registerOne(a, workspace, { daemonId: Identity.DaemonId.make("BOX"), owner: ada }),
        yield* registerOne(a, workspace, { daemonId: old, owner: ada })
      ]
      yield* TestClock.adjust(minute)
      const taken = yield* b.registry.takeOver(mine[1]!.id, bob)
      deepStrictEqual(sortedIds(taken), sortedIds(mine))
      deepStrictEqual(
        taken.map(({ ownerId, updatedAt }) => [ownerId, updatedAt]),
        mine.map(() => [bob, start + minute])
      )
      for (const row of [...taken, ...others]) {
        deepStrictEqual(yield* a.registry.find(row.id), { _tag: "Found", runtime: row })
      }
      strictEqual(
        (yield* Effect.flip(a.registry.register(registration(workspace, ["codex"], { owner: ada }))))._tag,
        "DaemonOfAnother"
      )
      deepStrictEqual(idsOf(yield* register(a, workspace, ["codex", "claude"], { owner: bob })), idsOf(mine))
    }))

  it.effect("F-25 taking over a removed row changes nothing", () =>
    Effect.gen(function*() {
      const { a, ada, bob, workspace } = yield* sceneOfTwo(backend)
      const [codex, claude] = yield* register(a, workspace, ["codex", "claude"], { owner: ada })
      yield* a.registry.remove(codex!.id, ada)
      deepStrictEqual(yield* a.registry.takeOver(codex!.id, bob), [])
      deepStrictEqual(
        yield* a.registry.takeOver(Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000000"), bob),
        []
      )
      deepStrictEqual(yield* a.registry.find(claude!.id), { _tag: "Found", runtime: claude! })
    }))

  it.effect("F-25 after a takeover concurrent with registrations of the same daemon one person owns it", () =>
    Effect.gen(function*() {
      const { a, ada, b, bob, workspace } = yield* sceneOfTwo(backend)
      const [codex] = yield* register(a, workspace, ["codex"], { owner: ada })
      yield* together<unknown, unknown, never>([
        ...["claude", "gemini", "pi"].map((provider) =>
          Effect.result(a.registry.register(registration(workspace, ["codex", provider], { owner: ada })))
        ),
        b.registry.takeOver(codex!.id, bob)
      ])
      deepStrictEqual([...new Set((yield* a.registry.list(workspace.id)).map(({ ownerId }) => ownerId))], [bob])
    }))
}
