import { assert, describe, it } from "@effect/vitest"
import { makeRedisServer } from "@muster/store-suite"
import { Effect } from "effect"
import { Shared } from "./Kinds.ts"
import { ask, freshRuntime, ownServer, replica, untilItAnswers, wanted } from "./Scene.ts"

describe("Redis behind a Sentinel", () => {
  it.effect("the master is found, and found again after it moved", () =>
    Effect.gen(function*() {
      const server = yield* ownServer
      const sentinel = yield* makeRedisServer([`sentinel monitor main 127.0.0.1 ${server.port} 1`])
      const { connection, store } = yield* replica(`redis+sentinel://127.0.0.1:${sentinel.port}/main`)
      const runtime = yield* freshRuntime
      const request = yield* ask(store, Shared, runtime)
      yield* server.kill
      assert.strictEqual((yield* Effect.flip(store.waiting(runtime)))._tag, "StoreUnavailable")
      yield* server.start
      yield* untilItAnswers(connection.takesWrites)
      assert.deepStrictEqual((yield* store.claim(runtime, wanted(Shared))).map(({ id }) => id), [request.id])
    }), 60_000)
})
