import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { RequestJournal, Runtime } from "@muster/domain"
import { Effect, Option } from "effect"
import { allUnavailable } from "../runtime/Outage.ts"
import { idOf, noteOf, notesScene } from "./Fixture.ts"
import type { NotesBackend } from "./NotesBackend.ts"

const nobody = Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000000")
const nothing: ReadonlyArray<never> = []

/** What every RequestJournal does, on two nodes of one backend. */
export const requestJournalSuite = (backend: NotesBackend): void => {
  describe(`request journal · ${backend.name}`, () => {
    it.effect("notes of one request from several replicas make one entry, in any order, without duplicates", () =>
      Effect.gen(function*() {
        const { a, b, codex, home, user } = yield* notesScene(backend)
        const created = noteOf(1, home, codex, { by: user.id, createdOn: "a", runtimeName: "Codex (box)" })
        const delivered = noteOf(1, home, codex, { by: user.id, deliveries: [{ at: 5, via: "socket", on: "b" }] })
        const again = noteOf(1, home, codex, { by: user.id, deliveries: [{ at: 25, via: "beat", on: "a" }] })
        const settled = noteOf(1, home, codex, { by: user.id, end: { how: "failed", at: 30, on: "a", error: "no" } })
        for (const note of [settled, again, delivered, created, delivered]) {
          yield* b.journal.write({ entries: [note], heard: nothing })
        }
        const whole = [created, delivered, again, settled].reduce(RequestJournal.mergeEntries)
        deepStrictEqual(yield* a.journal.find(home, idOf(1)), Option.some(whole))
        strictEqual(whole.deliveries.length, 2)
        strictEqual(whole.runtimeName, "Codex (box)")
      }))

    it.effect("the last 100 requests of each workspace are kept, newest first", () =>
      Effect.gen(function*() {
        const { a, b, codex, home, workspace } = yield* notesScene(backend)
        const other = (yield* workspace("other")).id
        const numbers = Array.from({ length: RequestJournal.maxJournal }, (_, n) => n)
        yield* a.journal.write({ entries: [noteOf(1_000, other, codex)], heard: nothing })
        yield* a.journal.write({ entries: numbers.map((n) => noteOf(n, home, codex)), heard: nothing })
        yield* b.journal.write({ entries: [500, 501, 502].map((n) => noteOf(n, home, codex)), heard: nothing })
        yield* b.journal.write({ entries: [noteOf(503, home, codex)], heard: nothing })
        const ids = (yield* a.journal.recent(home, RequestJournal.maxJournal)).map(({ id }) => id)
        deepStrictEqual(ids, [503, 502, 501, 500, ...numbers.slice(4).toReversed()].map(idOf))
        deepStrictEqual((yield* a.journal.recent(home, 2)).map(({ id }) => id), [503, 502].map(idOf))
        deepStrictEqual(yield* a.journal.find(home, idOf(0)), Option.none())
        deepStrictEqual((yield* a.journal.recent(other, 10)).map(({ id }) => id), [idOf(1_000)])
        deepStrictEqual(yield* a.journal.find(home, idOf(1_000)), Option.none())
      }))

    it.effect("presence has the last replica of a runtime, and is removed with the runtime", () =>
      Effect.gen(function*() {
        const { a, b, codex } = yield* notesScene(backend)
        const at = (on: string, via: RequestJournal.Presence["via"], since: number) => ({
          runtimeId: codex,
          on,
          via,
          since
        })
        const heardAfter = (note: RequestJournal.Presence) =>
          Effect.andThen(b.journal.write({ entries: nothing, heard: [note] }), a.journal.heard(codex))
        deepStrictEqual(yield* a.journal.heard(codex), Option.none())
        deepStrictEqual(yield* heardAfter(at("a", "socket", 10)), Option.some(at("a", "socket", 10)))
        deepStrictEqual(yield* heardAfter(at("b", "socket", 20)), Option.some(at("b", "socket", 20)))
        // The old socket ends after the new one is open.
        deepStrictEqual(yield* heardAfter(at("a", null, 30)), Option.some(at("b", "socket", 20)))
        deepStrictEqual(yield* heardAfter(at("a", "beat", 15)), Option.some(at("b", "socket", 20)))
        deepStrictEqual(yield* heardAfter(at("b", null, 40)), Option.some(at("b", null, 40)))
        yield* a.journal.write({ entries: nothing, heard: [{ ...at("a", "beat", 50), runtimeId: nobody }] })
        deepStrictEqual(yield* a.journal.heard(nobody), Option.none())
        yield* a.registry.remove(codex, null)
        deepStrictEqual(yield* b.journal.heard(codex), Option.none())
      }))

    it.effect("with the backend down every call is unavailable, never empty", () =>
      Effect.gen(function*() {
        const { a, codex, home, outage } = yield* notesScene(backend)
        yield* outage
        yield* allUnavailable([
          a.journal.write({ entries: [noteOf(1, home, codex)], heard: nothing }),
          a.journal.recent(home, 10),
          a.journal.find(home, idOf(1)),
          a.journal.heard(codex)
        ])
      }))
  })
}
