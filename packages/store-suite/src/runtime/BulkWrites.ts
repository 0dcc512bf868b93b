import { it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, LivenessPolicy, type Runtime, type Workspace } from "@muster/domain"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { cli, look, minute, register, registerOne, scene, start } from "./Fixture.ts"
import type { StoreBackend, StoreNode } from "./StoreBackend.ts"

const { beat, flushAge, flushEvery, offlineAfter } = LivenessPolicy.defaultIntervals

const hundred = Array.from({ length: 100 }, (_, i) => `provider${i}`)

/** Ten daemons with a hundred runtimes each. */
const thousand = (node: StoreNode, workspace: Workspace.Workspace) =>
  Effect.map(
    Effect.forEach(
      Array.from({ length: 10 }, (_, i) => Identity.DaemonId.make(`box${i}`)),
      (daemonId) => register(node, workspace, hundred, { daemonId })
    ),
    (rows) => rows.flat()
  )

/** Each beats once per `beat`, this number of times, with the caller's copy of the row from the start. */
const beatOn = Effect.fnUntraced(function*(node: StoreNode, rows: ReadonlyArray<Runtime.Runtime>, times: number) {
  for (let time = 0; time < times; time++) {
    yield* TestClock.adjust(beat)
    yield* Effect.forEach(rows, node.liveness.beat, { discard: true })
  }
})

/** H-07 and H-08: every beat reaches the table, in bulk. */
export const bulkWrites = (backend: StoreBackend): void => {
  it.effect("H-07 1,000 idle runtimes cost at most 6 statements per minute, and none ever looks silent", () =>
    Effect.gen(function*() {
      const { a, statements, workspace } = yield* scene(backend)
      const rows = yield* thousand(a, workspace)
      for (let minutes = 0; minutes < 5; minutes++) {
        const before = yield* statements
        yield* beatOn(a, rows, minute / beat)
        const cost = (yield* statements) - before
        assertTrue(cost <= 6, `${cost} statements`)
        yield* a.liveness.flush
        const now = yield* Clock.currentTimeMillis
        deepStrictEqual(yield* a.registry.stale(now - flushAge - beat - flushEvery, 1), [])
        strictEqual((yield* a.liveness.alive(rows.map(({ id }) => id))).size, rows.length)
      }
      assertTrue((yield* look(a, rows[0]!.id)).lastSeenAt! >= start + 4 * minute)
    }))

  it.effect("H-07 a beat turns an offline runtime online immediately", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const [runtime] = yield* register(a, workspace, [cli("codex", { status: "offline" })])
      yield* TestClock.adjust(minute)
      yield* b.liveness.beat(runtime!)
      const online = yield* look(a, runtime!.id)
      deepStrictEqual([online.status, online.lastSeenAt], ["online", start + minute])
    }))

  it.effect("H-08 a beat that would be late in bulk is written immediately", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* TestClock.adjust(offlineAfter - 1)
      yield* b.liveness.beat(runtime)
      strictEqual((yield* look(a, runtime.id)).lastSeenAt, start + offlineAfter - 1)
    }))

  it.effect("a beat is written with the next flush, requested or automatic", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const [codex, claude] = yield* register(a, workspace, ["codex", "claude"])
      yield* TestClock.adjust(flushAge)
      yield* a.liveness.beat(codex!)
      strictEqual((yield* look(b, codex!.id)).lastSeenAt, start)
      yield* a.liveness.flush
      strictEqual((yield* look(b, codex!.id)).lastSeenAt, start + flushAge)
      yield* b.liveness.beat(claude!)
      yield* TestClock.adjust(flushEvery)
      // The automatic flush may still be writing; this one, which has nothing to write, completes after it.
      yield* b.stop
      strictEqual((yield* look(a, claude!.id)).lastSeenAt, start + flushAge)
    }))

  it.effect("H-08 buffered beats survive an orderly stop", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const [codex, claude] = yield* register(a, workspace, ["codex", "claude"])
      yield* TestClock.adjust(flushAge)
      yield* b.liveness.beat(codex!)
      yield* TestClock.adjust(beat)
      yield* b.liveness.beat(claude!)
      yield* b.stop
      strictEqual((yield* look(a, codex!.id)).lastSeenAt, start + flushAge)
      strictEqual((yield* look(a, claude!.id)).lastSeenAt, start + flushAge + beat)
    }))
}
