import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { type Census, Identity } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { noteOf, notesScene, runtimes } from "../journal/Fixture.ts"
import type { NotesBackend } from "../journal/NotesBackend.ts"
import { newTask } from "../task/Fixture.ts"

const box = Identity.DaemonId.make("box")

const sorted = (counts: Census.Counts | undefined) =>
  counts?.runtimes.map(({ count, provider, status }) => `${provider} ${status} ${count}`).toSorted()

/** What every census counts, on two nodes of one backend. */
export const censusSuite = (backend: NotesBackend): void => {
  describe(`census · ${backend.name}`, () => {
    it.effect("P-06 an empty backend counts nothing, and nothing waits", () =>
      Effect.gen(function*() {
        const { a } = yield* backend.nodes
        deepStrictEqual(yield* a.census, {
          runtimes: [],
          daemons: { online: 0, offline: 0 },
          oldestPending: null,
          tasks: { queued: 0, active: 0, oldestQueued: null }
        })
      }))

    it.effect("P-06 runtimes are counted by status and known provider, daemons by their runtimes", () =>
      Effect.gen(function*() {
        const { a, b, home } = yield* notesScene(backend)
        const [claude] = yield* runtimes(a, home, "claude", "of-tomorrow", "of-yesterday")
        yield* b.registry.markOffline([claude!.id])
        const counts = yield* a.census
        deepStrictEqual(sorted(counts), ["claude offline 1", "codex online 1", "other online 2"])
        deepStrictEqual(counts?.daemons, { online: 1, offline: 0 })
        const all = yield* a.registry.list(home)
        yield* b.registry.markOffline(all.map(({ id }) => id))
        deepStrictEqual((yield* a.census)?.daemons, { online: 0, offline: 1 })
      }))

    it.effect("P-06 the oldest pending request is neither delivered, ended nor timed out", () =>
      Effect.gen(function*() {
        const { a, b, codex, home } = yield* notesScene(backend)
        const delivery = { at: 2, via: "beat" as const, on: "one" }
        yield* a.journal.write({
          heard: [],
          entries: [
            noteOf(1, home, codex, { deliveries: [delivery] }),
            noteOf(2, home, codex, { end: { how: "failed", at: 3, on: "one", error: "no" } }),
            noteOf(3, home, codex),
            noteOf(4, home, codex)
          ]
        })
        deepStrictEqual((yield* b.census)?.oldestPending, 3)
        // A model list waits for at most 30 s.
        yield* TestClock.setTime(30_004)
        deepStrictEqual((yield* b.census)?.oldestPending, 4)
        yield* TestClock.setTime(30_005)
        deepStrictEqual((yield* b.census)?.oldestPending, null)
      }))

    it.effect("P-06 tasks are counted, and the longest wait is that of a claimable one", () =>
      Effect.gen(function*() {
        const { a, b, codex, home } = yield* notesScene(backend)
        yield* TestClock.setTime(1_000)
        for (const at of [1_000, 2_000, 3_000]) {
          yield* TestClock.setTime(at)
          const task = yield* newTask({ workspaceId: home, runtimeId: codex })
          yield* a.tasks.enqueue({ task, idempotency: null })
        }
        yield* TestClock.setTime(9_000)
        deepStrictEqual((yield* b.census)?.tasks, { queued: 3, active: 0, oldestQueued: 1_000 })
        yield* b.tasks.claim({ daemonId: box, fenced: true, runtimeIds: [codex], max: 1, slots: null, tokenHashes: [] })
        deepStrictEqual((yield* a.census)?.tasks, { queued: 2, active: 1, oldestQueued: 2_000 })
      }))
  })
}
