import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Layer, Random } from "effect"
import { TestClock } from "effect/testing"
import { layerDaemonCore } from "../../src/Daemon.ts"
import { DaemonStatus } from "../../src/DaemonStatus.ts"
import { FakeClis } from "../support/FakeClis.ts"
import { broken, FakeServer } from "../support/FakeServer.ts"
import { ServedDial } from "../support/ServedDial.ts"
import { schedules, testTimeout, underManySchedules } from "../support/underManySchedules.ts"
import { listed, W1, W2 } from "./harness.ts"

/** Fewer than of the registrar alone: each is a quarter of an hour of a whole daemon. */
const count = Math.ceil(schedules / 10)

const everything = ["codex", "claude", "gemini"]

const some = <A>(of: ReadonlyArray<A>) =>
  Effect.forEach(of, (one) => Effect.map(Random.nextBoolean, (yes) => yes ? [one] : [])).pipe(
    Effect.map((chosen) => chosen.flat())
  )

const withDaemon = <E>(
  test: (
    server: FakeServer,
    clis: FakeClis,
    dial: ServedDial,
    status: DaemonStatus["Service"]
  ) => Effect.Effect<void, E>
) =>
  Effect.gen(function*() {
    const server = yield* FakeServer.make
    const clis = new FakeClis(...everything)
    const dial = new ServedDial(server)
    server.listed = listed(W1, W2)
    const layer = layerDaemonCore.pipe(
      Layer.provide([server.layer, clis.layer, dial.layer]),
      Layer.provide(Conditions.layer)
    )
    yield* Effect.flatMap(DaemonStatus, (status) => test(server, clis, dial, status)).pipe(Effect.provide(layer))
  })

/** What is to be seen of every call, whatever happens: no two registrations of a workspace at a time. */
const watched = (server: FakeServer) => {
  const under = new Set<string>()
  let failing = 0
  let overlaps = 0
  server.arriving = ({ about, operation }) =>
    Effect.suspend(() => {
      if (operation !== "register") return failing > 0 ? Effect.fail(broken(503)) : Effect.void
      if (under.has(about)) overlaps++
      under.add(about)
      if (failing === 0) return Effect.void
      under.delete(about)
      return Effect.fail(broken(500))
    })
  server.leaving = ({ about, operation }) =>
    Effect.gen(function*() {
      if (operation !== "register") return
      yield* Effect.sleep(yield* Random.nextIntBetween(0, 3_000))
    }).pipe(Effect.ensuring(Effect.sync(() => under.delete(about))))
  return {
    overlaps: () => overlaps,
    fail: (yes: boolean) => {
      failing = yes ? 1 : 0
    }
  }
}

/** The runtimes known are exactly those that the server has of the CLIs and workspaces there are, each once. */
const agree = Effect.fnUntraced(function*(server: FakeServer, clis: FakeClis, status: DaemonStatus["Service"]) {
  const { runtimes } = yield* status.snapshot
  const own = runtimes.map(({ id }) => id).toSorted()
  const present = clis.present.found.map(({ provider }) => provider)
  const expected = server.listed.flatMap(({ id }) => present.map((provider) => server.row(id, provider)?.id))
  assert.deepStrictEqual(own, expected.toSorted())
})

describe(`a whole daemon under ${count} schedules`, () => {
  it.effect(
    "D-01 … D-14 whatever is deleted, refused, lost, installed or left, in any order, all is registered once in the end",
    () =>
      underManySchedules(
        withDaemon((server, clis, dial, status) =>
          Effect.gen(function*() {
            const watch = watched(server)
            yield* Effect.raceFirst(status.awaitReady, Effect.forever(TestClock.adjust("1 second")))
            const events = [
              Effect.gen(function*() {
                for (const { id } of yield* some([...server.rows.values()])) server.delete(id)
              }),
              Effect.sync(() => dial.drop()),
              Effect.sync(() => watch.fail(true)),
              Effect.sync(() => watch.fail(false)),
              Effect.map(some(everything), (present) => clis.install(...present)),
              Effect.map(some([W1, W2]), (workspaces) => void (server.listed = listed(...workspaces)))
            ]
            for (let step = 0; step < 8; step++) {
              yield* events[yield* Random.nextIntBetween(0, events.length, { halfOpen: true })]!
              yield* TestClock.adjust(yield* Random.nextIntBetween(0, 40_000))
            }
            watch.fail(false)
            clis.install(...everything)
            server.listed = listed(W1, W2)
            // CLIs are discovered every 2 min; a registration that failed waits at most 2 min.
            yield* TestClock.adjust("12 minutes")
            yield* agree(server, clis, status)
            assert.strictEqual(watch.overlaps(), 0)
            const recovered = server.calls.filter(({ operation }) => operation === "recoverOrphans")
            assert.strictEqual(new Set(recovered.map(({ about }) => about)).size, recovered.length)

            const registrations = server.count("register")
            const ghosts = dial.ghosts.length
            server.calls.length = 0
            yield* TestClock.adjust("2 minutes")
            assert.strictEqual(server.count("register"), 0, `after ${registrations}`)
            assert.strictEqual(dial.ghosts.length, ghosts)
            yield* agree(server, clis, status)
          })
        ),
        count
      ),
    testTimeout
  )
})
