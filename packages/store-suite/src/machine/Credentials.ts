import { it } from "@effect/vitest"
import { assertNone, assertSome, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, Join, Machine } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { hashOf } from "../access/Fixture.ts"
import { day, idsOf, makeWorkspace, minute, sortedIds, start } from "../runtime/Fixture.ts"
import type { StoreBackend, StoreNode } from "../runtime/StoreBackend.ts"
import { joinedMachine, joinWith, labels, machineScene, machinesOf } from "./Fixture.ts"

const isKnown = (node: StoreNode, n: number) => Effect.map(node.machines.authenticate(hashOf(n)), Option.isSome)

/** for the store. */
export const credentialTests = (backend: StoreBackend): void => {
  it.effect("A-04 a credential names its machine's daemon and workspaces on every node, until it ends", () =>
    Effect.gen(function*() {
      const { a, b, newMachine, user, workspace } = yield* machineScene(backend)
      const machine = yield* joinedMachine(a, newMachine(1), joinWith(1))
      assertSome(yield* b.machines.authenticate(hashOf(1_001)), {
        _tag: "Machine",
        machineId: machine.id,
        userId: user.id,
        daemonId: Identity.DaemonId.make("box"),
        workspaces: [workspace.id],
        fingerprint: "f".repeat(64),
        ephemeral: false,
        expiresAt: start + 30 * day
      })
      assertNone(yield* b.machines.authenticate(hashOf(1)))
      deepStrictEqual(yield* b.machines.ended([hashOf(1_001), hashOf(7)]), [hashOf(7)])
      yield* TestClock.adjust(30 * day)
      assertNone(yield* b.machines.authenticate(hashOf(1_001)))
      deepStrictEqual(yield* b.machines.ended([hashOf(1_001)]), [hashOf(1_001)])
      strictEqual(yield* a.machines.renew(hashOf(1_001), { hash: hashOf(2), expiresAt: start + 60 * day }), false)
    }))

  it.effect("A-04 a renewal leaves no gap: the old credential ends after the new one is used, and no sooner", () =>
    Effect.gen(function*() {
      const { a, b, newMachine } = yield* machineScene(backend)
      const machine = yield* joinedMachine(a, newMachine(1), joinWith(1))
      yield* TestClock.adjust(15 * day)
      const now = start + 15 * day
      const end = now + 30 * day
      // The replies to the first two are lost.
      for (const n of [2, 3, 4]) {
        strictEqual(yield* b.machines.renew(hashOf(1_001), { hash: hashOf(n), expiresAt: end }), true)
      }
      deepStrictEqual(yield* Effect.forEach([1_001, 2, 3, 4], (n) => isKnown(a, n)), [true, false, false, true])
      yield* a.machines.touch([hashOf(1_001)], now)
      yield* TestClock.adjust(Join.credentialOverlap)
      strictEqual(yield* isKnown(b, 1_001), true)
      yield* a.machines.touch([hashOf(1_001), hashOf(4), hashOf(7)], now + Join.credentialOverlap)
      yield* TestClock.adjust(Join.credentialOverlap - 1)
      deepStrictEqual(yield* Effect.forEach([1_001, 4], (n) => isKnown(b, n)), [true, true])
      yield* TestClock.adjust(1)
      deepStrictEqual(yield* Effect.forEach([1_001, 4], (n) => isKnown(b, n)), [false, true])
      const seen = Option.getOrThrow(yield* b.machines.find(machine.id))
      deepStrictEqual([seen.lastSeenAt, seen.credentialExpiresAt], [now + Join.credentialOverlap, end])
      yield* b.machines.touch([hashOf(4)], now)
      strictEqual(Option.getOrThrow(yield* a.machines.find(machine.id)).lastSeenAt, now + Join.credentialOverlap)
    }))

  it.effect("A-04 a removed machine has no credential on any node, and its daemon can join again", () =>
    Effect.gen(function*() {
      const { a, b, newMachine, workspace } = yield* machineScene(backend)
      const machine = yield* joinedMachine(a, newMachine(1), joinWith(1))
      const left = yield* b.machines.leave(machine.id, null)
      assertSome(left, { machine, removed: true, ended: [hashOf(1_001)] })
      strictEqual(yield* isKnown(a, 1_001), false)
      assertNone(yield* a.machines.leave(machine.id, null))
      deepStrictEqual(yield* a.machines.list(workspace.id), [])
      strictEqual((yield* joinedMachine(b, newMachine(2), joinWith(2))).daemonId, "box")
    }))

  it.effect("A-04 a machine that leaves one of two workspaces keeps its credential for the other", () =>
    Effect.gen(function*() {
      const { a, b, newMachine, user, workspace } = yield* machineScene(backend)
      const lab = yield* makeWorkspace(a, "lab", user.id)
      yield* joinedMachine(a, newMachine(1), joinWith(1))
      const machine = yield* joinedMachine(a, machinesOf(user, lab).newMachine(2), joinWith(2))
      assertSome(yield* b.machines.leave(machine.id, workspace.id), { machine, removed: false, ended: [] })
      assertNone(yield* b.machines.leave(machine.id, workspace.id))
      const credential = Option.getOrThrow(yield* a.machines.authenticate(hashOf(1_002)))
      deepStrictEqual(credential.workspaces, [lab.id])
      assertSome(yield* a.machines.leave(machine.id, lab.id), {
        machine: { ...machine, workspaces: [lab.id] },
        removed: true,
        ended: [hashOf(1_002)]
      })
    }))

  it.effect("A-04 a credential is valid only in workspaces whose members include the machine's owner", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* machineScene(backend)
      const bob = yield* a.access.ensureUser("bob@example.org", "Bob")
      const lab = yield* makeWorkspace(a, "lab", bob.id)
      yield* a.access.setMember(bob.id, workspace.id, "member")
      yield* joinedMachine(a, machinesOf(bob, lab).newMachine(1), joinWith(1))
      const both = yield* joinedMachine(a, machinesOf(bob, workspace).newMachine(2), joinWith(2))
      deepStrictEqual(both.workspaces, [lab.id, workspace.id].toSorted())
      yield* a.membership.removeMember({ workspaceId: workspace.id, userId: bob.id, by: user.id })
      deepStrictEqual(yield* b.machines.list(workspace.id), [])
      deepStrictEqual(Option.getOrThrow(yield* b.machines.authenticate(hashOf(1_002))).workspaces, [lab.id])
      // Of one who never was a member, whatever came into the store.
      yield* a.machines.add(machinesOf(yield* a.access.ensureUser("eve@example.org", "Eve"), workspace).newMachine(3))
      deepStrictEqual(yield* b.machines.list(workspace.id), [])
    }))

  it.effect("A-11 a machine is renamed, labeled, drained with a note and resumed", () =>
    Effect.gen(function*() {
      const { a, b, newMachine, user, workspace } = yield* machineScene(backend)
      const machine = yield* joinedMachine(a, newMachine(1), joinWith(1))
      const drain = { since: start, by: user.id, note: "new\0 disk" }
      const edited = Option.getOrThrow(yield* a.machines.edit(machine.id, { name: "Box", drain }))
      strictEqual(edited.drain?.note.replace("\0", ""), "new disk")
      assertSome(yield* b.machines.edit(machine.id, { labels: labels("gpu") }), { ...edited, labels: labels("gpu") })
      const drained = yield* b.machines.drainOf(workspace.id, user.id, Identity.DaemonId.make("box"))
      assertSome(drained, edited.drain!)
      assertNone(yield* b.machines.drainOf(workspace.id, user.id, Identity.DaemonId.make("other")))
      assertSome(yield* b.machines.edit(machine.id, { drain: null }), { ...edited, labels: labels("gpu"), drain: null })
      assertNone(yield* a.machines.drainOf(workspace.id, user.id, Identity.DaemonId.make("box")))
      yield* a.machines.leave(machine.id, null)
      assertNone(yield* a.machines.edit(machine.id, { name: "Gone" }))
    }))

  it.effect("A-06 machines that never joined and silent ephemeral ones are removed, and others remain", () =>
    Effect.gen(function*() {
      const { a, b, newKey, newMachine, workspace } = yield* machineScene(backend)
      const waiting = yield* a.machines.add(newMachine(1))
      const kept = yield* joinedMachine(a, newMachine(2), joinWith(2, { daemonId: Identity.DaemonId.make("kept") }))
      yield* a.machines.createKey(newKey(3, { ephemeral: true }))
      const ci = (n: number) =>
        b.machines.join(joinWith(3, { daemonId: Identity.DaemonId.make(`ci-${n}`), credential: hashOf(100 + n) }))
      const [silent, alive] = [yield* ci(1), yield* ci(2)]
      const sweep = Effect.suspend(() => b.machines.expire(now - Machine.ephemeralSilence, 10))
      let now = start + Machine.ephemeralSilence
      yield* TestClock.setTime(now)
      deepStrictEqual(yield* sweep, [])
      yield* a.machines.touch([hashOf(102)], now)
      yield* TestClock.setTime(++now)
      deepStrictEqual(idsOf(yield* sweep), [silent.id])
      strictEqual(yield* isKnown(a, 101), false)
      strictEqual(yield* isKnown(a, 102), true)
      yield* TestClock.setTime(now = start + 60 * minute)
      yield* a.machines.touch([hashOf(102)], now)
      deepStrictEqual(idsOf(yield* sweep), [waiting.id])
      deepStrictEqual(sortedIds(yield* a.machines.list(workspace.id)), sortedIds([kept, alive]))
      assertTrue(Option.isNone(yield* a.machines.find(waiting.id)))
    }))
}
