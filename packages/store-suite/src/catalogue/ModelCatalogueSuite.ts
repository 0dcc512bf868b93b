import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Runtime } from "@muster/domain"
import { Effect, Option } from "effect"
import { notesScene, runtimes } from "../journal/Fixture.ts"
import type { NotesBackend } from "../journal/NotesBackend.ts"
import { allUnavailable } from "../runtime/Outage.ts"

const list = (...ids: ReadonlyArray<string>) => ids.map((id) => ({ id, label: id.toUpperCase() }))
const kept = (at: number, ...ids: ReadonlyArray<string>) => Option.some({ models: list(...ids), at })
const nobody = Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000000")

/** What every ModelCatalogue does, on two nodes of one backend. */
export const modelCatalogueSuite = (backend: NotesBackend): void => {
  describe(`model catalogue · ${backend.name}`, () => {
    it.effect("a list kept by one node is visible on the other, per runtime, the newest only", () =>
      Effect.gen(function*() {
        const { a, b, codex, home } = yield* notesScene(backend)
        const [claude] = yield* runtimes(a, home, "claude")
        yield* a.catalogue.keep(codex, [{ id: "x", label: "X", provider: "p", default: true }], 10)
        yield* b.catalogue.keep(claude!.id, list("opus"), 20)
        deepStrictEqual(
          yield* b.catalogue.find(codex),
          Option.some({ models: [{ id: "x", label: "X", provider: "p", default: true }], at: 10 })
        )
        yield* b.catalogue.keep(codex, list("y", "z"), 30)
        deepStrictEqual(yield* a.catalogue.find(codex), kept(30, "y", "z"))
        deepStrictEqual(yield* a.catalogue.find(claude!.id), kept(20, "opus"))
      }))

    it.effect("a late write changes nothing, in both directions", () =>
      Effect.gen(function*() {
        const { a, b, codex } = yield* notesScene(backend)
        yield* a.catalogue.keep(codex, list("new"), 20)
        yield* b.catalogue.keep(codex, list("old"), 10)
        yield* b.catalogue.drop(codex, 15)
        deepStrictEqual(yield* a.catalogue.find(codex), kept(20, "new"))
        yield* a.catalogue.drop(codex, 40)
        yield* b.catalogue.keep(codex, list("before the drop"), 30)
        deepStrictEqual(yield* b.catalogue.find(codex), Option.none())
        yield* b.catalogue.keep(codex, list("after"), 50)
        deepStrictEqual(yield* a.catalogue.find(codex), kept(50, "after"))
      }))

    it.effect("a list is removed with its runtime, and none is kept for a removed one", () =>
      Effect.gen(function*() {
        const { a, b, codex } = yield* notesScene(backend)
        yield* a.catalogue.keep(codex, list("x"), 10)
        yield* b.registry.remove(codex, null)
        deepStrictEqual(yield* a.catalogue.find(codex), Option.none())
        yield* a.catalogue.keep(codex, list("y"), 20)
        yield* a.catalogue.keep(nobody, list("y"), 20)
        yield* a.catalogue.drop(nobody, 20)
        deepStrictEqual(yield* b.catalogue.find(codex), Option.none())
        deepStrictEqual(yield* b.catalogue.find(nobody), Option.none())
      }))

    it.effect("with the backend down every call is unavailable, never absent", () =>
      Effect.gen(function*() {
        const { a, codex, outage } = yield* notesScene(backend)
        yield* a.catalogue.keep(codex, list("x"), 10)
        yield* outage
        yield* allUnavailable([
          a.catalogue.find(codex),
          a.catalogue.keep(codex, list("y"), 20),
          a.catalogue.drop(codex, 20)
        ])
      }))
  })
}
