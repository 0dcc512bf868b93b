import { it } from "@effect/vitest"
import { assertNone, assertSome, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, type Join, Machines } from "@muster/domain"
import { Effect, Option, Result } from "effect"
import { TestClock } from "effect/testing"
import { hashOf } from "../access/Fixture.ts"
import { day, idsOf, makeWorkspace, minute, sortedIds, start, together } from "../runtime/Fixture.ts"
import type { StoreBackend, StoreNode } from "../runtime/StoreBackend.ts"
import { joinedMachine, joinWith, labels, machineScene, machinesOf } from "./Fixture.ts"

const refusal = (node: StoreNode, join: ReturnType<typeof joinWith>) =>
  Effect.map(
    Effect.result(node.machines.join(join)),
    (result): Join.JoinRefusal | string =>
      Result.isFailure(result) && result.failure._tag === "JoinRefused" ? result.failure.reason : "joined"
  )

/** In a store with a maximum of one machine and one key per workspace. */
const bounded = Effect.provideService(Machines.MachineBounds, { machines: 1, keys: 1 })

/** for the store. */
export const joiningTests = (backend: StoreBackend): void => {
  it.effect("A-03 a machine waits, joins with its token, and then has its reported and its given fields", () =>
    Effect.gen(function*() {
      const { a, b, newMachine, user, workspace } = yield* machineScene(backend)
      const waiting = yield* a.machines.add(newMachine(1, { labels: labels("gpu", "os=linux") }))
      deepStrictEqual(waiting, {
        id: waiting.id,
        ownerId: user.id,
        name: "",
        daemonId: null,
        workspaces: [workspace.id],
        labels: labels("gpu", "os=linux"),
        drain: null,
        ephemeral: false,
        joinKeyId: null,
        deviceInfo: "",
        createdAt: start,
        joinedAt: null,
        lastSeenAt: null,
        credentialExpiresAt: null
      })
      assertSome(yield* b.machines.find(waiting.id), waiting)
      yield* TestClock.adjust(minute)
      const joined = yield* b.machines.join(joinWith(1))
      deepStrictEqual(joined, {
        ...waiting,
        name: "box.local",
        daemonId: Identity.DaemonId.make("box"),
        deviceInfo: "Linux",
        joinedAt: start + minute,
        lastSeenAt: start + minute,
        credentialExpiresAt: start + 30 * day
      })
      deepStrictEqual(yield* a.machines.list(workspace.id), [joined])
    }))

  it.effect("A-03 the name that a person gave is kept", () =>
    Effect.gen(function*() {
      const { a, newMachine } = yield* machineScene(backend)
      strictEqual((yield* joinedMachine(a, newMachine(1, { name: "Laptop" }), joinWith(1))).name, "Laptop")
    }))

  it.effect("A-03 of 16 machines that present one token concurrently on two nodes, one joins", () =>
    Effect.gen(function*() {
      const { a, b, newMachine, workspace } = yield* machineScene(backend)
      yield* a.machines.add(newMachine(1))
      const results = yield* together(Array.from({ length: 16 }, (_, i) =>
        refusal(
          i % 2 === 0 ? a : b,
          joinWith(1, { daemonId: Identity.DaemonId.make(`box-${i}`), credential: hashOf(100 + i) })
        )))
      strictEqual(results.filter((result) => result === "joined").length, 1)
      strictEqual(results.filter((result) => result === "used").length, 15)
      strictEqual((yield* b.machines.list(workspace.id)).length, 1)
      const known = yield* Effect.forEach(
        results.keys(),
        (i) => Effect.map(a.machines.authenticate(hashOf(100 + i)), Option.isSome)
      )
      deepStrictEqual(known, results.map((result) => result === "joined"))
    }))

  it.effect("A-03 the refusal of a token that is unknown, used, expired or revoked, or whose creator left, has its reason", () =>
    Effect.gen(function*() {
      const { a, b, newMachine, user, workspace } = yield* machineScene(backend)
      const eve = yield* a.access.ensureUser("eve@example.org", "Eve")
      yield* a.machines.add(newMachine(1))
      const removed = yield* a.machines.add(newMachine(2))
      yield* a.machines.add(newMachine(3))
      yield* a.machines.add(newMachine(4, { ownerId: eve.id }))
      yield* a.machines.leave(removed.id, null)
      strictEqual(yield* refusal(b, joinWith(9)), "unknown")
      strictEqual(yield* refusal(b, joinWith(1)), "joined")
      strictEqual(yield* refusal(b, joinWith(1)), "used")
      strictEqual(yield* refusal(b, joinWith(2)), "revoked")
      strictEqual(yield* refusal(b, joinWith(4)), "left")
      yield* TestClock.adjust(60 * minute)
      strictEqual(yield* refusal(b, joinWith(3)), "expired")
      yield* a.machines.expire(0, 10)
      strictEqual(yield* refusal(b, joinWith(3)), "expired")
      strictEqual(yield* refusal(b, joinWith(1)), "used")
      deepStrictEqual((yield* a.machines.list(workspace.id)).map(({ ownerId }) => ownerId), [user.id])
    }))

  it.effect("A-03 a machine that joins another workspace of its owner serves both, with its name, labels and drain", () =>
    Effect.gen(function*() {
      const { a, b, newMachine, user, workspace } = yield* machineScene(backend)
      const lab = yield* makeWorkspace(a, "lab", user.id)
      const first = yield* joinedMachine(a, newMachine(1, { name: "Box", labels: labels("gpu") }), joinWith(1))
      const drain = { since: start, by: user.id, note: "new disk" }
      yield* a.machines.edit(first.id, { drain })
      const again = yield* joinedMachine(b, machinesOf(user, lab).newMachine(2), joinWith(2))
      deepStrictEqual(
        { ...again, id: first.id },
        { ...first, workspaces: [workspace.id, lab.id].toSorted(), drain }
      )
      assertNone(yield* a.machines.find(first.id))
      assertNone(yield* b.machines.authenticate(hashOf(1_001)))
      for (const { id } of [workspace, lab]) deepStrictEqual(idsOf(yield* a.machines.list(id)), [again.id])
    }))

  it.effect("A-03 another person's machine with the same daemon id is a machine of its own", () =>
    Effect.gen(function*() {
      const { a, newMachine, workspace } = yield* machineScene(backend)
      const bob = yield* a.access.ensureUser("bob@example.org", "Bob")
      yield* a.access.setMember(bob.id, workspace.id, "member")
      const adas = yield* joinedMachine(a, newMachine(1), joinWith(1))
      const bobs = yield* joinedMachine(a, newMachine(2, { ownerId: bob.id }), joinWith(2))
      deepStrictEqual(sortedIds(yield* a.machines.list(workspace.id)), sortedIds([adas, bobs]))
      yield* a.machines.edit(bobs.id, { drain: { since: start, by: bob.id, note: "" } })
      assertNone(yield* a.machines.drainOf(workspace.id, adas.ownerId, Identity.DaemonId.make("box")))
    }))

  it.effect("A-06 a key with 3 uses admits 3 of 12 machines that present it concurrently, with its labels", () =>
    Effect.gen(function*() {
      const { a, b, newKey, user, workspace } = yield* machineScene(backend)
      const key = yield* a.machines.createKey(newKey(1, { maxUses: 3, labels: labels("ci"), ephemeral: true }))
      const { hash: _, ...rest } = newKey(1, { maxUses: 3, labels: labels("ci"), ephemeral: true })
      deepStrictEqual(key, { ...rest, id: key.id, uses: 0, revokedAt: null, createdAt: start })
      const results = yield* together(
        Array.from({ length: 12 }, (_, i) =>
          refusal(
            i % 2 === 0 ? a : b,
            joinWith(1, { daemonId: Identity.DaemonId.make(`ci-${i}`), credential: hashOf(100 + i) })
          ))
      )
      strictEqual(results.filter((result) => result === "joined").length, 3)
      strictEqual(results.filter((result) => result === "used").length, 9)
      deepStrictEqual(yield* b.machines.keys(workspace.id), [{ ...key, uses: 3 }])
      for (const machine of yield* b.machines.list(workspace.id)) {
        deepStrictEqual(
          [machine.ownerId, machine.joinKeyId, machine.ephemeral, machine.labels, machine.name],
          [user.id, key.id, true, labels("ci"), "box.local"]
        )
      }
    }))

  it.effect("A-06 a revoked or expired key admits no machine; a machine that joins again remains the same one", () =>
    Effect.gen(function*() {
      const { a, b, newKey, user, workspace } = yield* machineScene(backend)
      const lab = yield* makeWorkspace(a, "lab", user.id)
      const key = yield* a.machines.createKey(newKey(1))
      yield* a.machines.createKey(newKey(2, { expiresAt: start + minute }))
      const first = yield* b.machines.join(joinWith(1))
      const again = yield* b.machines.join(joinWith(1, { credential: hashOf(9) }))
      strictEqual(again.id, first.id)
      assertNone(yield* a.machines.authenticate(hashOf(1_001)))
      assertTrue(Option.isSome(yield* a.machines.authenticate(hashOf(9))))
      assertNone(yield* a.machines.revokeKey(lab.id, key.id))
      yield* TestClock.adjust(minute)
      const revoked = { ...key, uses: 2, revokedAt: start + minute }
      assertSome(yield* a.machines.revokeKey(workspace.id, key.id), revoked)
      yield* TestClock.adjust(1)
      assertSome(yield* b.machines.revokeKey(workspace.id, key.id), revoked)
      strictEqual(yield* refusal(b, joinWith(1)), "revoked")
      strictEqual(yield* refusal(b, joinWith(2)), "expired")
      assertTrue(Option.isSome(yield* b.machines.authenticate(hashOf(9))))
    }))

  it.effect("F-27 a workspace has at most the maximum number of machines and keys", () =>
    Effect.gen(function*() {
      const { a, b, newKey, newMachine } = yield* machineScene(backend)
      yield* bounded(a.machines.createKey(newKey(1)))
      yield* bounded(a.machines.add(newMachine(2)))
      const machines = new Machines.MachinesFull({ what: "machines", max: 1 })
      deepStrictEqual(yield* Effect.flip(bounded(b.machines.add(newMachine(3)))), machines)
      deepStrictEqual(yield* Effect.flip(bounded(b.machines.join(joinWith(1)))), machines)
      const keys = new Machines.MachinesFull({ what: "keys", max: 1 })
      deepStrictEqual(yield* Effect.flip(bounded(b.machines.createKey(newKey(4)))), keys)
      strictEqual((yield* bounded(b.machines.join(joinWith(2)))).name, "box.local")
    }))
}
