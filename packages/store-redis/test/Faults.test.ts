import { assert, describe, it } from "@effect/vitest"
import { Request } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { act, History } from "./FaultRun.ts"
import { Crowd } from "./Kinds.ts"
import { freshRuntime, ownServer, replica, untilItAnswers } from "./Scene.ts"

const rounds = 30
const [dies, returns] = [9, 13]
const fibres = 8
const actions = 5

/** Longer than any request of the test may take. */
const everything = Crowd.terms.pending + Crowd.terms.running + Crowd.terms.retention

for (const death of ["kill", "lose"] as const) {
  describe(`Redis ${death === "kill" ? "restarted with its data" : "restarted without its data"}`, () => {
    it.effect(
      "no request is claimed twice within its delay, no terminal one changes, and every one ends",
      () =>
        Effect.gen(function*() {
          const server = yield* ownServer
          const replicas = [yield* replica(server.url), yield* replica(server.url)]
          const runtimes = yield* Effect.all(Array.from({ length: 4 }, () => freshRuntime))
          const history = new History()
          let before = 0
          for (let round = 0; round < rounds; round++) {
            if (round === dies) {
              before = history.made.size
              // In the middle of a round, not between two rounds.
              yield* Effect.forkChild(server[death], { startImmediately: true })
            }
            if (round === returns) {
              yield* server.start
              for (const { store } of replicas) yield* untilItAnswers(store.waiting(runtimes[0]!))
            }
            yield* Effect.forEach(
              Array.from({ length: fibres }, (_, i) => replicas[i % 2]!.store),
              (store) => Effect.forEach(Array.from({ length: actions }), () => act(store, runtimes, history)),
              { concurrency: "unbounded" }
            )
            yield* TestClock.adjust(7_000)
          }
          assert.isAbove(history.unavailable, 0)
          assert.isAbove(history.made.size, before)

          for (const [id, times] of history.claims) {
            const { terms } = history.made.get(id)!
            assert.isAtMost(times.length, terms.deliveries, id)
            for (const [i, at] of times.toSorted((a, b) => a - b).entries()) {
              if (i > 0) assert.isAbove(at - times[i - 1]!, terms.redeliverAfter, id)
            }
          }
          for (const seen of history.ends.values()) assert.strictEqual(seen.size, 1, [...seen].join())

          yield* TestClock.adjust(Crowd.terms.pending + Crowd.terms.running + 1)
          for (const request of history.made.values()) {
            const found = yield* replicas[0]!.store.get(request.runtimeId, request.id)
            assert.isTrue(Option.isNone(found) || Request.isTerminal(found.value))
          }
          for (const runtime of runtimes) {
            assert.deepStrictEqual(
              yield* replicas[1]!.store.claim(runtime, [
                { kind: Crowd.name, max: 10 }
              ]),
              []
            )
          }
          yield* TestClock.adjust(everything)
          for (const { id, runtimeId } of history.made.values()) {
            assert.isTrue(Option.isNone(yield* replicas[0]!.store.get(runtimeId, id)))
          }
        }),
      120_000
    )
  })
}
