import { assert, it } from "@effect/vitest"
import { Runtime } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { registerOne, scene, start, together } from "./Fixture.ts"
import type { StoreBackend } from "./StoreBackend.ts"

/** Which processes beat for a runtime, on every node. */
export const beating = (backend: StoreBackend): void => {
  it.effect("F-05 the second of two processes that beat at two nodes is known at both; a registration does not change that", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const { id } = yield* registerOne(a, workspace)
      yield* a.registry.beaten(id, "one")
      for (const _ of [1, 2]) {
        yield* TestClock.adjust("5 seconds")
        yield* b.registry.beaten(id, "two")
        yield* TestClock.adjust("5 seconds")
        yield* a.registry.beaten(id, "one")
      }
      const known = { holder: "one", rival: "two", since: start + 20_000, returned: start + 10_000, proven: true }
      for (const node of [a, b]) {
        const found = yield* node.registry.find(id)
        assert.deepStrictEqual(found._tag === "Found" ? found.runtime.instances : null, known)
      }
      assert.deepStrictEqual((yield* registerOne(b, workspace)).instances, known)
    }))

  it.effect("F-05 concurrent beats at two nodes have one holder and one rival", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      const { id } = yield* registerOne(a, workspace)
      yield* together(
        Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? a : b).registry.beaten(id, `process-${i % 3}`))
      )
      const found = yield* a.registry.find(id)
      const known = found._tag === "Found" ? found.runtime.instances : null
      assert.match(known?.holder ?? "", /^process-/)
      assert.match(known?.rival ?? "", /^process-/)
      assert.notStrictEqual(known?.holder, known?.rival)
    }))

  it.effect("F-05 a beat of a removed runtime returns none", () =>
    Effect.gen(function*() {
      const { a } = yield* scene(backend)
      const id = Runtime.RuntimeId.make("aaaaaaaa-0000-4000-8000-000000000000")
      assert.isTrue(Option.isNone(yield* a.registry.beaten(id, "one")))
    }))
}
