import { it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import type { Runtime } from "@muster/domain"
import { Effect } from "effect"
import { look, minute, registerOne, scene, start } from "./Fixture.ts"
import type { StoreBackend } from "./StoreBackend.ts"

const worked = (at: number): Runtime.CliAttempt => ({ at, outcome: "worked", text: "" })
const unable = (at: number): Runtime.CliAttempt => ({ at, outcome: "unable", text: "not signed in \u{1F600}" })

/** Whether the CLIs of runtimes work. */
export const cliHealth = (backend: StoreBackend): void => {
  it.effect("F-12 of each kind of attempt the later one is kept, in any order and on any node", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const runtime = yield* registerOne(a, workspace)
      yield* a.registry.noteCli(runtime.id, { used: unable(start + minute) })
      yield* b.registry.noteCli(runtime.id, { used: worked(start), started: worked(start) })
      deepStrictEqual(yield* look(a, runtime.id), {
        ...runtime,
        cli: { used: unable(start + minute), started: worked(start) }
      })
      yield* b.registry.noteCli(runtime.id, { used: worked(start + 2 * minute) })
      deepStrictEqual((yield* look(a, runtime.id)).cli, { used: worked(start + 2 * minute), started: worked(start) })
    }))

  it.effect("F-12 a registration keeps the CLI's state; a removed runtime is not restored", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const { id } = yield* registerOne(a, workspace)
      yield* a.registry.noteCli(id, { used: worked(start) })
      yield* registerOne(b, workspace)
      deepStrictEqual((yield* look(a, id)).cli, { used: worked(start), started: null })
      yield* a.registry.remove(id, null)
      yield* b.registry.noteCli(id, { used: worked(start) })
      deepStrictEqual((yield* a.registry.find(id))._tag, "Gone")
    }))

  it.effect("F-12 concurrent attempts at two nodes all count", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const { id } = yield* registerOne(a, workspace)
      yield* Effect.forEach(
        Array.from({ length: 16 }, (_, i) => i),
        (i) =>
          (i % 2 === 0 ? a : b).registry.noteCli(
            id,
            i % 4 < 2 ? { used: worked(start + i) } : { started: worked(start + i) }
          ),
        { concurrency: "unbounded", discard: true }
      )
      deepStrictEqual((yield* look(a, id)).cli, { used: worked(start + 13), started: worked(start + 15) })
    }))
}
