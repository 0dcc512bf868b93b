import { assert, describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { Gone } from "../../src/client/ServerError.ts"
import type { RuntimeSet } from "../../src/runtime/RuntimeSet.ts"
import { runtimesOf } from "../../src/runtime/RuntimeState.ts"
import type { FakeServer } from "../support/FakeServer.ts"
import { schedules, testTimeout, underManySchedules } from "../support/underManySchedules.ts"
import { agrees, complete, found, ids, listed, W1, W2, withRegistrar } from "./harness.ts"

const idle = Effect.repeat(Effect.yieldNow, { times: 30 })

/** A detector: finds that the runtime is gone, at some moment, and reports it at a later one. */
const detector = Effect.fnUntraced(function*(server: FakeServer, set: RuntimeSet["Service"], id: string) {
  const runtime = runtimesOf(yield* set.state).find((one) => one.id === id)
  if (runtime === undefined) return
  yield* Effect.repeat(Effect.yieldNow, { times: yield* Random.nextIntBetween(0, 12) })
  yield* server.api.heartbeat(runtime.id).pipe(
    Effect.catchIf((error) => error instanceof Gone, () => idle.pipe(Effect.andThen(set.gone(runtime.id)))),
    Effect.orDie
  )
})

/** All runtimes of these workspaces are deleted; three detectors of each find out, in any order. */
const wave = Effect.fnUntraced(function*(server: FakeServer, set: RuntimeSet["Service"], of: ReadonlyArray<string>) {
  const dead = runtimesOf(yield* set.state).filter(({ workspaceId }) => of.includes(workspaceId))
  for (const { id } of dead) server.delete(id)
  yield* Effect.forEach(
    dead.flatMap(({ id }) => [id, id, id]),
    (id) => detector(server, set, id),
    { concurrency: "unbounded", discard: true }
  )
  yield* complete(set)
  yield* idle
})

const start = Effect.fnUntraced(function*(set: RuntimeSet["Service"], ...workspaces: ReadonlyArray<typeof W1>) {
  yield* set.setClis(found("codex", "claude", "opencode"))
  yield* set.setWorkspaces(listed(...workspaces))
  yield* complete(set)
})

describe(`under ${schedules} schedules`, () => {
  it.effect(
    "D-03 three detectors of three runtimes of one workspace → exactly 1 registration",
    () =>
      underManySchedules(withRegistrar((server, set) =>
        Effect.gen(function*() {
          yield* start(set, W1)
          yield* wave(server, set, [W1])
          assert.strictEqual(server.count("register"), 2)
          assert.isTrue(agrees(yield* set.state, server))
        })
      )),
    testTimeout
  )

  it.effect(
    "D-03 two workspaces → 2 registrations",
    () =>
      underManySchedules(withRegistrar((server, set) =>
        Effect.gen(function*() {
          yield* start(set, W1, W2)
          yield* wave(server, set, [W1, W2])
          assert.strictEqual(server.count("register", W1), 2)
          assert.strictEqual(server.count("register", W2), 2)
          assert.isTrue(agrees(yield* set.state, server))
        })
      )),
    testTimeout
  )

  it.effect(
    "D-04 stragglers that noticed before the registration and act after it → 0 more",
    () =>
      underManySchedules(withRegistrar((server, set) =>
        Effect.gen(function*() {
          yield* start(set, W1)
          const dead = ids(yield* set.state)
          for (const id of dead) server.delete(id)
          const straggle = complete(set).pipe(
            Effect.andThen(Effect.forEach(dead, (id) => Effect.andThen(set.gone(id), idle), { concurrency: 2 }))
          )
          yield* set.gone(dead[0]!)
          yield* straggle
          yield* idle
          assert.strictEqual(server.count("register"), 2)
          assert.isTrue(agrees(yield* set.state, server))
        })
      )),
    testTimeout
  )

  it.effect(
    "deletions, discoveries and syncs in any order end with every provider registered once",
    () =>
      underManySchedules(withRegistrar((server, set) =>
        Effect.gen(function*() {
          yield* start(set, W1, W2)
          server.leaving = () => Effect.repeat(Effect.yieldNow, { times: 5 })
          const strike = Effect.gen(function*() {
            const own = ids(yield* set.state)
            const id = own[yield* Random.nextIntBetween(0, own.length)]
            if (id === undefined) return
            server.delete(id)
            yield* detector(server, set, id)
          })
          yield* Effect.all(
            [
              strike,
              strike,
              strike,
              set.setWorkspaces(listed(W1, W2)),
              set.setClis(found("codex", "claude", "opencode"))
            ],
            { concurrency: "unbounded" }
          )
          yield* complete(set)
          yield* idle
          yield* complete(set)
          assert.isTrue(agrees(yield* set.state, server))
          assert.strictEqual(ids(yield* set.state).length, 6)
        })
      )),
    testTimeout
  )
})
