import { assert, describe, it } from "@effect/vitest"
import { Runtime, RuntimeRegistry, Store } from "@muster/domain"
import { Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import { makeSeenBuffer } from "../src/index.ts"

const late = 10 * 60_000

describe("the buffer of last-seen times", () => {
  it.effect("a failed write loses nothing, for any number of batches", () =>
    Effect.gen(function*() {
      const written = new Set<Runtime.RuntimeId>()
      let broken = true
      const registry = Layer.mock(RuntimeRegistry.RuntimeRegistry, {
        touch: (seen) => {
          if (broken) return Effect.fail(new Store.StoreUnavailable({ operation: "touch", cause: "down" }))
          for (const id of seen.keys()) written.add(id)
          return Effect.succeed(seen.size)
        }
      })
      const buffer = yield* Effect.provide(makeSeenBuffer, registry)
      const ids = Array.from({ length: 12_000 }, () => Runtime.RuntimeId.make(randomUUID()))
      // 70 s old: due for the bulk write, not yet near the sweep.
      for (const id of ids) yield* buffer.beat({ id, status: "online", lastSeenAt: late - 70_000 }, late)
      yield* Effect.flip(buffer.flush)
      assert.strictEqual(written.size, 0)
      broken = false
      yield* buffer.flush
      assert.strictEqual(written.size, ids.length)
    }))
})
