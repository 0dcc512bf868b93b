import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Runtime, RuntimeHistory } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { notesScene, runtimes } from "../journal/Fixture.ts"
import type { NotesBackend } from "../journal/NotesBackend.ts"
import { allUnavailable } from "../runtime/Outage.ts"

const { bucketMs, maxBuckets } = RuntimeHistory
const nobody = Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000000")

const row = (runtime: Runtime.RuntimeId, n: number, beats: number, maxMs: number): RuntimeHistory.Row => ({
  runtime,
  at: n * bucketMs,
  beats,
  covered: beats * 15_000,
  maxMs
})
const bucket = (n: number, beats: number, covered: number, maxMs: number) => ({
  at: n * bucketMs,
  beats,
  covered,
  maxMs
})

/** What every RuntimeHistory does, on two nodes of one backend. */
export const runtimeHistorySuite = (backend: NotesBackend): void => {
  describe(`runtime history · ${backend.name}`, () => {
    it.effect("A-11 replicas add to the same bucket: beats and covered time are summed, the longest latency is kept", () =>
      Effect.gen(function*() {
        const { a, b, codex, home } = yield* notesScene(backend)
        const [claude] = yield* runtimes(a, home, "claude")
        yield* a.history.record([
          row(codex, 0, 3, 20),
          row(claude!.id, 0, 1, 5),
          row(codex, 1, 1, 4),
          row(codex, 1, 2, 1)
        ])
        yield* b.history.record([row(codex, 0, 2, 90)])
        yield* a.history.record([row(codex, 0, 1, 30)])
        deepStrictEqual(yield* b.history.of(codex, 0), [bucket(0, 6, 90_000, 90), bucket(1, 3, 45_000, 4)])
        deepStrictEqual(yield* a.history.of(claude!.id, 0), [bucket(0, 1, 15_000, 5)])
        deepStrictEqual(yield* a.history.of(codex, bucketMs), [bucket(1, 3, 45_000, 4)])
        // A daemon that beats far too often fills a bucket, and no more.
        yield* b.history.record([row(codex, 1, 400_000_000, 1)])
        yield* b.history.record([row(codex, 1, 1, 1)])
        deepStrictEqual(yield* a.history.of(codex, bucketMs), [bucket(1, 400_000_004, bucketMs, 4)])
      }))

    it.effect("A-11 a write removes what is older than 24 h and ignores late rows of that age", () =>
      Effect.gen(function*() {
        const { a, b, codex } = yield* notesScene(backend)
        yield* a.history.record([0, 1, 2].map((n) => row(codex, n, 1, 1)))
        yield* TestClock.setTime((maxBuckets + 1) * bucketMs)
        yield* b.history.record([row(codex, 0, 5, 5), row(codex, 1, 5, 5), row(codex, maxBuckets + 1, 1, 1)])
        deepStrictEqual(
          (yield* a.history.of(codex, 0)).map(({ at }) => at / bucketMs),
          [2, maxBuckets + 1]
        )
      }))

    it.effect("A-11 at most 144 buckets of a runtime are returned, the newest ones", () =>
      Effect.gen(function*() {
        const { a, codex } = yield* notesScene(backend)
        yield* a.history.record(Array.from({ length: maxBuckets + 10 }, (_, n) => row(codex, n, 1, 1)))
        const found = yield* a.history.of(codex, 0)
        deepStrictEqual([found.length, found[0]?.at, found.at(-1)?.at], [
          maxBuckets,
          10 * bucketMs,
          (maxBuckets + 9) * bucketMs
        ])
      }))

    it.effect("A-11 a history is removed with its runtime; rows of a removed one do not fail the others", () =>
      Effect.gen(function*() {
        const { a, b, codex, home } = yield* notesScene(backend)
        const [claude] = yield* runtimes(a, home, "claude")
        yield* a.history.record([row(codex, 0, 1, 1)])
        yield* b.registry.remove(codex, null)
        deepStrictEqual(yield* a.history.of(codex, 0), [])
        yield* a.history.record([row(nobody, 0, 1, 1), row(codex, 0, 1, 1), row(claude!.id, 0, 1, 1)])
        deepStrictEqual(yield* b.history.of(codex, 0), [])
        deepStrictEqual(yield* b.history.of(nobody, 0), [])
        deepStrictEqual((yield* b.history.of(claude!.id, 0)).length, 1)
        yield* a.history.record([])
      }))

    it.effect("A-11 with the backend down every call is unavailable, never empty", () =>
      Effect.gen(function*() {
        const { a, codex, outage } = yield* notesScene(backend)
        yield* a.history.record([row(codex, 0, 1, 1)])
        yield* outage
        yield* allUnavailable([a.history.of(codex, 0), a.history.record([row(codex, 0, 1, 1)])])
      }))
  })
}
