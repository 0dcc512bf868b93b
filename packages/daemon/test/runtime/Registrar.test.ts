import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { Unreachable } from "../../src/client/ServerError.ts"
import type { RuntimeSet } from "../../src/runtime/RuntimeSet.ts"
import { broken } from "../support/FakeServer.ts"
import { settle } from "../support/settle.ts"
import { agrees, complete, found, idOf, ids, listed, W1, W2, withRegistrar } from "./harness.ts"

/** Two CLIs in one workspace, registered. */
const registered = Effect.fnUntraced(function*(set: RuntimeSet["Service"], workspaces = [W1]) {
  yield* set.setClis(found("codex", "claude"))
  yield* set.setWorkspaces(listed(...workspaces))
  return yield* complete(set)
})

describe("staying registered", () => {
  it.effect("D-01 gone prunes that runtime everywhere and nothing else; an unknown id is a no-op", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        const before = yield* registered(set, [W1, W2])
        server.arriving = () => Effect.never
        const dead = idOf(before, W1, "codex")
        yield* set.gone(dead)
        const after = yield* set.state
        assert.notInclude(ids(after), dead)
        assert.strictEqual(ids(after).length, 3)
        assert.strictEqual(after.workspaces.get(W2), before.workspaces.get(W2), "the other workspace is untouched")

        yield* set.gone(dead)
        assert.strictEqual(yield* set.state, after, "the state is the same object")
        yield* server.next("register")
      })
    ))

  it.effect("D-02 gone → registered again with the new id, the old one nowhere", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        const dead = idOf(yield* registered(set), W1, "codex")
        server.delete(dead)
        yield* set.gone(dead)
        const after = yield* complete(set)
        assert.notInclude(ids(after), dead)
        assert.notStrictEqual(idOf(after, W1, "codex"), dead)
        assert.isTrue(agrees(after, server))
        assert.strictEqual(server.count("register"), 2)
      })
    ))

  it.effect("D-05 two deletions one after the other → 2 registrations, at once, no duplicates", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        let state = yield* registered(set)
        for (const provider of ["codex", "claude"]) {
          const dead = idOf(state, W1, provider)
          server.delete(dead)
          yield* set.gone(dead)
          // No time passes: the clock is never moved.
          state = yield* complete(set)
        }
        assert.strictEqual(server.count("register"), 3)
        assert.strictEqual(ids(state).length, 2)
        assert.isTrue(agrees(state, server))
      })
    ))

  it.effect("D-06 the reply replaces the set: the surviving id once, the new one once, the removed one nowhere", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        const before = yield* registered(set)
        const dead = idOf(before, W1, "codex")
        server.delete(dead)
        yield* set.gone(dead)
        const after = yield* complete(set)
        assert.deepStrictEqual(
          ids(after).toSorted(),
          [idOf(before, W1, "claude"), server.row(W1, "codex")!.id].toSorted()
        )
      })
    ))

  it.effect("D-07 a failed registration is not repeated for 60 s, whatever beats report; then it is", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        const before = yield* registered(set, [W1, W2])
        const dead = idOf(before, W1, "codex")
        server.delete(dead)
        server.arriving = ({ about, operation }) =>
          operation === "register" && about === W1 ? Effect.fail(broken(500)) : Effect.void
        yield* set.gone(dead)
        yield* settle
        yield* TestClock.adjust("1 second")
        assert.strictEqual(server.count("register", W1), 2, "exactly one attempt now")

        const straggler = idOf(before, W1, "claude")
        server.delete(straggler)
        yield* set.gone(straggler)
        yield* settle
        yield* TestClock.adjust("58 seconds")
        assert.strictEqual(server.count("register", W1), 2, "nothing more for 60 s")
        assert.strictEqual((yield* set.state).workspaces.get(W1)?.runtimes.length, 0, "the pruned stay pruned")

        const other = idOf(before, W2, "codex")
        server.delete(other)
        yield* set.gone(other)
        yield* set.until((state) => state.workspaces.get(W2)?.runtimes.length === 2)
        assert.strictEqual(server.count("register", W2), 2, "another workspace is not held back")

        server.arriving = () => Effect.void
        yield* TestClock.adjust("14 seconds")
        const after = yield* complete(set)
        assert.strictEqual(server.count("register", W1), 3, "one retry serves both")
        assert.isTrue(agrees(after, server))
      })
    ))

  it.effect("D-07 the pauses are 60 s, then at most 120 s, with jitter, and start again after a success", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        const failing = () => Effect.fail(broken(500))
        server.arriving = failing
        yield* set.setClis(found("codex"))
        yield* set.setWorkspaces(listed(W1))
        yield* server.next("register")
        const times: Array<number> = []
        for (let seconds = 1; seconds <= 60 * 60; seconds++) {
          const before = server.count("register")
          yield* TestClock.adjust("1 second")
          if (server.count("register") > before) times.push(seconds)
        }
        const [first, ...gaps] = times.map((at, index) => at - (times[index - 1] ?? 0))
        assert.isAtLeast(first!, 60)
        assert.isAtMost(first!, 73)
        assert.isAtLeast(Math.min(...gaps), 99)
        assert.isAtMost(Math.max(...gaps), 121)
        assert.isAtLeast(new Set(gaps).size, 5, "jitter")
        server.arriving = () => Effect.void
        yield* TestClock.adjust("2 minutes")
        const dead = idOf(yield* complete(set), W1, "codex")

        server.arriving = failing
        yield* set.gone(dead)
        yield* settle
        yield* TestClock.adjust("1 second")
        const count = server.count("register")
        yield* TestClock.adjust("75 seconds")
        assert.strictEqual(server.count("register"), count + 1)
      })
    ))

  it.effect("F-35 a pause that the server asks for is no longer than 2 min", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        const asked = { operation: "register", reason: "busy", status: 503, retryAfter: 10 * 60_000 }
        server.arriving = () => Effect.fail(new Unreachable(asked))
        yield* set.setClis(found("codex"))
        yield* set.setWorkspaces(listed(W1))
        yield* server.next("register")
        yield* TestClock.adjust("99 seconds")
        assert.strictEqual(server.count("register"), 1)
        yield* TestClock.adjust("22 seconds")
        assert.strictEqual(server.count("register"), 2)
      })
    ))

  it.effect("D-08 the end of the fiber that reported gone does not end the registration", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        const dead = idOf(yield* registered(set), W1, "codex")
        yield* server.forget
        server.delete(dead)
        const held = yield* Deferred.make<void>()
        server.arriving = () => Deferred.await(held)
        const noticer = yield* Effect.forkChild(Effect.andThen(set.gone(dead), Effect.never))
        yield* server.next("register")
        yield* Fiber.interrupt(noticer)
        yield* Deferred.succeed(held, undefined)
        assert.isTrue(agrees(yield* complete(set), server))
      })
    ))

  it.effect("D-09 the stop of the daemon does not wait for a registration in flight", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const started = yield* Deferred.make<void>()
      const fiber = yield* withRegistrar((server, set) =>
        Effect.gen(function*() {
          server.arriving = () => Effect.never
          yield* set.setClis(found("codex"))
          yield* set.setWorkspaces(listed(W1))
          yield* server.next("register")
          yield* Deferred.succeed(started, undefined)
          return yield* Effect.never
        })
      ).pipe(Effect.forkIn(scope))
      yield* Deferred.await(started)
      // The clock does not advance: what waits for a timeout would wait forever.
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("D-12 a reply computed before a deletion does not restore the removed id", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        const before = yield* registered(set)
        const first = idOf(before, W1, "codex")
        const second = idOf(before, W1, "claude")
        const held = yield* Deferred.make<void>()
        server.leaving = ({ operation }) => operation === "register" ? Deferred.await(held) : Effect.void
        yield* server.forget
        server.delete(first)
        yield* set.gone(first)
        yield* server.next("register")
        yield* settle
        // The reply, with the second runtime alive in it, is under way; now that one is deleted and noticed.
        server.delete(second)
        yield* set.gone(second)
        yield* Deferred.succeed(held, undefined)
        const after = yield* complete(set)
        assert.notInclude(ids(after), second)
        assert.isTrue(agrees(after, server))
        assert.strictEqual(server.count("register"), 3)
      })
    ))

  it.effect("D-12 a server that repeats an id it reported as gone is asked again after a pause, then believed", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        const id = idOf(yield* registered(set), W1, "codex")
        // Its row is there, and yet a beat was told that it is gone.
        yield* set.gone(id)
        yield* settle
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual(server.count("register"), 2)
        assert.notInclude(ids(yield* set.state), id)
        yield* TestClock.adjust("14 seconds")
        assert.include(ids(yield* complete(set)), id)
        assert.strictEqual(server.count("register"), 3)
      })
    ))

  it.effect("D-13 recover-orphans is called once for each id that is new to this process", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        const before = yield* registered(set)
        const dead = idOf(before, W1, "codex")
        server.delete(dead)
        yield* set.gone(dead)
        const after = yield* complete(set)
        for (let i = 0; i < 3; i++) yield* server.next("recoverOrphans")
        const recovered = server.calls.filter(({ operation }) => operation === "recoverOrphans").map(({ about }) =>
          about
        )
        assert.deepStrictEqual(recovered.toSorted(), [...new Set([...ids(before), ...ids(after)])].toSorted())
      })
    ))

  it.effect("D-14 a workspace with a missing provider is registered by itself; one that is not listed is dropped", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        yield* registered(set)
        yield* set.setClis(found("codex", "claude", "opencode"))
        assert.strictEqual(ids(yield* complete(set)).length, 3)

        yield* set.setWorkspaces(listed(W2))
        const after = yield* complete(set)
        assert.deepStrictEqual([...after.workspaces.keys()], [W2])
        assert.strictEqual(server.count("register", W1), 2)
      })
    ))

  it.effect("a partial deletion whose registration fails is retried although the workspace has runtimes left", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        const dead = idOf(yield* registered(set), W1, "codex")
        server.delete(dead)
        server.arriving = ({ operation }) => operation === "register" ? Effect.fail(broken(503)) : Effect.void
        yield* set.gone(dead)
        yield* settle
        yield* TestClock.adjust("10 seconds")
        server.arriving = () => Effect.void
        yield* TestClock.adjust("70 seconds")
        assert.isTrue(agrees(yield* complete(set), server))
      })
    ))

  it.effect("a server that reports every new runtime as gone gets 5 registrations a minute", () =>
    withRegistrar((server, set) =>
      Effect.gen(function*() {
        yield* Effect.forkChild(Effect.forever(Effect.gen(function*() {
          const state = yield* set.until((state) => ids(state).length > 0)
          for (const id of ids(state)) {
            server.delete(id)
            yield* set.gone(id)
          }
        })))
        yield* set.setClis(found("codex"))
        yield* set.setWorkspaces(listed(W1))
        yield* settle
        yield* TestClock.adjust("59 seconds")
        yield* settle
        assert.strictEqual(server.count("register"), 5)
        yield* TestClock.adjust("2 seconds")
        yield* settle
        assert.strictEqual(server.count("register"), 10)
      })
    ))
})
