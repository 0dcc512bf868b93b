import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import { type Request, Runtime, Uuid } from "@muster/domain"
import { Migrations, PgliteClient, PostgresClient, RequestStorePostgres } from "@muster/store-postgres"
import { freshDatabase, requestNode } from "@muster/store-suite"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { pgliteInMemory } from "../PgliteBackend.ts"
import { Many } from "./Many.ts"

const done: Request.Outcome = { _tag: "Completed", result: {} }
const wanted = [{ kind: Many.name, max: 1 }]

/** A node on a database of its own, and a count of the turns of its session. */
const scene = Effect.gen(function*() {
  const session = yield* pgliteInMemory
  let batches = 0
  const client = PgliteClient.layerOn({
    execProtocolRaw: (message) => {
      batches++
      return session.execProtocolRaw(message)
    }
  })
  const context = yield* Layer.build(Layer.provideMerge(Migrations.layer, client))
  const node = yield* requestNode(Layer.provide(RequestStorePostgres.layer, Layer.succeedContext(context)))
  const turns = <A, E>(operation: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      const before = batches
      return Effect.map(operation, () => batches - before)
    })
  return { node, turns, runtimeId: Runtime.RuntimeId.make(yield* Uuid.random) }
})

describe("what requests cost the database", () => {
  it.effect("every operation is one round trip, and so are a hundred concurrent ones after the first", () =>
    Effect.gen(function*() {
      const { node, runtimeId, turns } = yield* scene
      const create = node.create({ kind: Many, runtimeId, payload: {}, by: null })
      const { request: { id } } = yield* create
      deepStrictEqual(
        yield* Effect.all([
          turns(create),
          turns(node.waiting(runtimeId)),
          turns(node.claim(runtimeId, wanted)),
          turns(node.claim(runtimeId, [...wanted, { kind: "other", max: 10 }])),
          turns(node.settle(runtimeId, id, done)),
          turns(node.get(runtimeId, id))
        ]),
        [1, 1, 1, 1, 1, 1]
      )
      const hundred = Effect.all(Array.from({ length: 101 }, () => create), { concurrency: "unbounded" })
      assertTrue((yield* turns(hundred)) <= 3)
    }))

  it.effect("R-12 claimed and settled requests do not slow the next probe", () =>
    Effect.gen(function*() {
      const client = Layer.orDie(PostgresClient.layer({ url: yield* freshDatabase, maxConnections: 6 }))
      const context = yield* Layer.build(Layer.provideMerge(Migrations.layer, client))
      const sql = Context.get(context, SqlClient.SqlClient)
      const node = yield* requestNode(Layer.provide(RequestStorePostgres.layer, Layer.succeedContext(context)))
      const runtimeId = Runtime.RuntimeId.make(yield* Uuid.random)
      const hundred = <A, E>(operation: (i: number) => Effect.Effect<A, E>) =>
        Effect.all(Array.from({ length: 100 }, (_, i) => operation(i)), { concurrency: "unbounded" })
      const rounds = Effect.fnUntraced(function*(count: number) {
        for (let round = 0; round < count; round++) {
          yield* hundred(() => node.create({ kind: Many, runtimeId, payload: {}, by: null }))
          const claimed = yield* hundred(() => node.claim(runtimeId, wanted))
          yield* hundred((i) => node.settle(runtimeId, claimed[i]![0]!.id, done))
        }
        const [size] = yield* sql<{ readonly open: number; readonly all: number }>`
          SELECT pg_relation_size('requests_open') AS open, pg_relation_size('requests_pkey') AS all`
        return size!
      })
      const before = yield* rounds(10)
      const after = yield* rounds(40)
      deepStrictEqual(yield* node.waiting(runtimeId), [])
      // The index of all records grows with them; that of claimable ones does not, except for a page or two that filled
      // while a transaction (autovacuum's, on a busy machine) still had to see what was claimed.
      assertTrue(after.all > 2 * before.all)
      assertTrue(after.open - before.open <= (after.all - before.all) / 4)
    }))
})
