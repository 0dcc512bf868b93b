import { describe, layer } from "@effect/vitest"
import { assertDefined, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Request, Runtime, Uuid } from "@muster/domain"
import { freshDatabaseOn, PostgresServer, type RequestNode } from "@muster/store-suite"
import { Clock, Deferred, Effect, Fiber, Option } from "effect"
import { TestClock } from "effect/testing"
import { Many } from "./Many.ts"
import { twoNodesOn } from "./Nodes.ts"

const done: Request.Outcome = { _tag: "Completed", result: { supported: true } }

const wanted = [{ kind: Many.name, max: 2 }]

const freshRuntimes = Effect.forEach(
  Array.from({ length: 4 }),
  () => Effect.map(Uuid.random, (id) => Runtime.RuntimeId.make(id))
)

const look = (node: RequestNode, { id, runtimeId }: Request.Request) =>
  Effect.map(node.get(runtimeId, id), Option.getOrUndefined)

/** What the nodes acknowledged before the server was gone. */
class Record {
  readonly made: Array<Request.Request> = []
  readonly terminal = new Map<Request.RequestId, Request.Request>()
  readonly claimed = new Map<Request.RequestId, number>()

  claim(requests: ReadonlyArray<Request.Request>): void {
    for (const { id } of requests) this.claimed.set(id, (this.claimed.get(id) ?? 0) + 1)
  }
}

/** Makes, claims and settles until an operation fails; the tag of that failure. */
const work = (
  node: RequestNode,
  runtimeId: Runtime.RuntimeId,
  record: Record,
  after: (made: number) => Effect.Effect<unknown>
) =>
  Effect.forever(Effect.gen(function*() {
    const { request } = yield* node.create({ kind: Many, runtimeId, payload: {}, by: null })
    record.made.push(request)
    yield* after(record.made.length)
    const claimed = yield* node.claim(runtimeId, wanted)
    record.claim(claimed)
    // Of two claimed ones one remains running.
    for (const { id } of claimed.slice(0, 1)) {
      const settled = yield* node.settle(runtimeId, id, done)
      if (settled._tag === "Settled") record.terminal.set(id, settled.request)
    }
  })).pipe(Effect.flip, Effect.map(({ _tag }) => _tag))

describe("a PostgreSQL that ends while nodes work", () => {
  layer(PostgresServer.layer, { timeout: "60 seconds" })((it) => {
    it.effect(
      "F-34 R-19 killed at work: unavailable within the bound, and everything acknowledged is unchanged",
      () =>
        Effect.gen(function*() {
          const server = yield* PostgresServer
          const { a, b } = yield* twoNodesOn(yield* freshDatabaseOn(server.url))
          const runtimes = yield* freshRuntimes
          const record = new Record()
          const busy = yield* Deferred.make<void>()
          const after = (made: number) => made === 100 ? Deferred.succeed(busy, undefined) : Effect.void
          const fibers = yield* Effect.forEach(
            runtimes.flatMap((runtime) => [work(a, runtime, record, after), work(b, runtime, record, after)]),
            (worker) => Effect.forkChild(worker)
          )
          yield* Deferred.await(busy)
          const wallClock = Clock.Clock.defaultValue()
          yield* server.kill
          const since = wallClock.currentTimeMillisUnsafe()
          deepStrictEqual(
            yield* Effect.forEach(fibers, (fiber) => Fiber.join(fiber)),
            fibers.map(() => "StoreUnavailable")
          )
          assertTrue(wallClock.currentTimeMillisUnsafe() - since < 10_000)
          yield* server.start

          // Every acknowledged operation is there: made, claimed or settled.
          for (const request of record.made) {
            const found = yield* look(b, request)
            assertDefined(found)
            const told = record.terminal.get(request.id)
            if (told !== undefined) deepStrictEqual(found, told)
            if (record.claimed.has(request.id)) strictEqual(found.state._tag === "Pending", false)
          }

          // Nothing was delivered twice, before or after: no time has elapsed, so no redelivery is due.
          for (const runtime of runtimes) {
            record.claim(yield* a.claim(runtime, [{ kind: Many.name, max: 500 }]))
            record.claim(yield* b.claim(runtime, [{ kind: Many.name, max: 500 }]))
          }
          deepStrictEqual([...record.claimed.values()].filter((times) => times > 1), [])
          assertTrue(record.terminal.size > 0)

          // Both nodes continue without a restart, and new calls are answered.
          const runtimeId = runtimes[0]!
          const { request } = yield* a.create({ kind: Many, runtimeId, payload: {}, by: null })
          deepStrictEqual((yield* b.claim(runtimeId, wanted)).map(({ id }) => id), [request.id])
          strictEqual((yield* a.settle(runtimeId, request.id, done))._tag, "Settled")
          yield* TestClock.adjust(Many.terms.pending + Many.terms.running + 1)
          for (const request of record.made) {
            assertTrue(Option.isNone(Option.filter(
              Option.fromUndefinedOr(yield* look(a, request)),
              (found) => !Request.isTerminal(found)
            )))
          }
        }),
      60_000
    )

    it.effect("R-19 after an orderly stop and a start everything is unchanged", () =>
      Effect.gen(function*() {
        const server = yield* PostgresServer
        const { a, b } = yield* twoNodesOn(yield* freshDatabaseOn(server.url))
        const [runtimeId] = yield* freshRuntimes
        assertDefined(runtimeId)
        const ask = Effect.map(a.create({ kind: Many, runtimeId, payload: {}, by: null }), ({ request }) => request)
        const asked = [yield* ask, yield* ask, yield* ask]
        const [first, second] = yield* b.claim(runtimeId, wanted)
        assertDefined(first)
        assertDefined(second)
        yield* a.settle(runtimeId, first.id, done)
        const before = yield* Effect.forEach(asked, (request) => look(a, request))
        deepStrictEqual(before.map((request) => request?.state._tag), ["Completed", "Running", "Pending"])
        yield* server.restart
        deepStrictEqual(yield* Effect.forEach(asked, (request) => look(b, request)), before)
        deepStrictEqual((yield* b.claim(runtimeId, wanted)).map(({ id }) => id), [asked[2]!.id])
        strictEqual((yield* b.settle(runtimeId, first.id, { _tag: "Failed", error: "late" }))._tag, "AlreadySettled")
      }), 60_000)
  })
})
