import { assert, describe, it } from "@effect/vitest"
import { Request, type Runtime } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { layerHandlers } from "../../src/layerHandlers.ts"
import { layerObservedServer } from "../../src/metrics/ObservedServer.ts"
import { Outbox } from "../../src/request/Outbox.ts"
import { PickUp } from "../../src/request/PickUp.ts"
import { ReportShelf } from "../../src/request/ReportShelf.ts"
import { CliFailed } from "../../src/runtime/Clis.ts"
import { registrationOf } from "../../src/runtime/Registration.ts"
import { RuntimeSet } from "../../src/runtime/RuntimeSet.ts"
import { idOf, listed, W1 } from "../runtime/harness.ts"
import { FakeClis } from "../support/FakeClis.ts"
import { FakeServer } from "../support/FakeServer.ts"
import { settle } from "../support/settle.ts"

const requestId = (n: number) => Request.RequestId.make(n.toString(16).padStart(32, "0"))
const asks = (n: number): Request.Json => ({ status: "ok", pending_model_list: { id: requestId(n) } })

/** A machine with codex and claude, both registered. */
const withPickUp = <A, E>(
  test: (
    all: {
      readonly server: FakeServer
      readonly clis: FakeClis
      readonly pickUp: PickUp["Service"]
      readonly set: RuntimeSet["Service"]
      readonly codex: Runtime.RuntimeId
      readonly claude: Runtime.RuntimeId
    }
  ) => Effect.Effect<A, E>,
  outbox: typeof Outbox.layer = Outbox.layer
) =>
  Effect.gen(function*() {
    const server = yield* FakeServer.make
    const clis = new FakeClis("codex", "claude")
    const layer = PickUp.layer.pipe(
      Layer.provide([layerHandlers, outbox]),
      Layer.provideMerge(RuntimeSet.layer),
      Layer.provide(layerObservedServer),
      Layer.provide(ReportShelf.layerMemory),
      Layer.provide([Conditions.layer, clis.layer, server.layer])
    )
    return yield* Effect.gen(function*() {
      const set = yield* RuntimeSet
      const pickUp = yield* PickUp
      yield* set.setClis(clis.present)
      yield* set.setWorkspaces(listed(W1))
      const request = registrationOf(yield* set.state, W1)!
      yield* set.reply(request, yield* server.api.register(W1, request.clis))
      const state = yield* set.state
      return yield* test({
        server,
        clis,
        pickUp,
        set,
        codex: idOf(state, W1, "codex"),
        claude: idOf(state, W1, "claude")
      })
    }).pipe(Effect.provide(layer))
  })

describe("picking up work", () => {
  it.effect("asks the runtime's CLI and reports its models", () =>
    withPickUp(({ codex, pickUp, server }) =>
      Effect.gen(function*() {
        yield* pickUp.accept(codex, asks(1), "socket")
        yield* server.next("report")
        yield* settle
        const [report] = server.reports
        assert.strictEqual(report!.runtimeId, codex)
        assert.deepStrictEqual(report!.outcome, {
          _tag: "Completed",
          result: { models: [{ id: "m", label: "M", default: true }], source: "live", supported: true }
        })
      })
    ))

  it.effect("D-19 a request id is handled once, however often and wherever it is delivered", () =>
    withPickUp(({ claude, clis, codex, pickUp, server }) =>
      Effect.gen(function*() {
        let calls = 0
        const answer = clis.list
        clis.list = (cli) => Effect.suspend(() => (calls++, answer(cli)))
        yield* Effect.all(Array.from({ length: 50 }, () => pickUp.accept(codex, asks(1), "socket")), {
          concurrency: "unbounded"
        })
        yield* server.next("report")
        yield* settle
        yield* pickUp.accept(codex, asks(1), "socket")
        yield* pickUp.accept(claude, asks(1), "socket")
        yield* settle
        assert.strictEqual(calls, 1)
        assert.strictEqual(server.reports.length, 1)
        yield* pickUp.accept(codex, asks(2), "socket")
        yield* server.next("report")
        assert.strictEqual(calls, 2)
      })
    ))

  it.effect("D-19 a request whose report is in the outbox is not handled again", () => {
    const done = requestId(1)
    const layer = Layer.effect(
      Outbox,
      Effect.map(Outbox, (outbox) => ({ ...outbox, holds: (id: Request.RequestId) => Effect.succeed(id === done) }))
    ).pipe(Layer.provide(Outbox.layer))
    return withPickUp(({ codex, pickUp, server }) =>
      Effect.gen(function*() {
        yield* pickUp.accept(codex, asks(1), "socket")
        yield* pickUp.accept(codex, asks(2), "socket")
        yield* server.next("report")
        yield* settle
        assert.deepStrictEqual(server.reports.map((report) => report.requestId), [requestId(2)])
      }), layer)
  })

  it.effect("a runtime whose CLI hangs does not delay others", () =>
    withPickUp(({ claude, clis, codex, pickUp, server }) =>
      Effect.gen(function*() {
        const answer = clis.list
        clis.list = (cli) => cli.provider === "codex" ? Effect.never : answer(cli)
        for (let n = 1; n <= 100; n++) yield* pickUp.accept(codex, asks(n), "socket")
        yield* pickUp.accept(claude, asks(101), "socket")
        yield* server.next("report")
        yield* settle
        assert.deepStrictEqual(server.reports.map(({ runtimeId }) => runtimeId), [claude])
        // The hanging ones time out early enough to be reported: 4 at once, each within 50 s.
        yield* TestClock.adjust("50 seconds")
        yield* settle
        const failed = server.reports.slice(1)
        assert.strictEqual(failed.length, 4)
        assert.deepStrictEqual(failed[0]!.outcome, { _tag: "Failed", error: "codex did not answer within 50 s" })
      })
    ))

  it.effect("a runtime has at most 512 requests in flight; one that was left is taken when it is delivered again", () =>
    withPickUp(({ clis, codex, pickUp, server }) =>
      Effect.gen(function*() {
        const held = yield* Deferred.make<void>()
        const answer = clis.list
        clis.list = (cli) => Effect.andThen(Deferred.await(held), answer(cli))
        for (let n = 1; n <= 520; n++) yield* pickUp.accept(codex, asks(n), "socket")
        yield* Deferred.succeed(held, undefined)
        yield* settle
        yield* settle
        assert.strictEqual(server.reports.length, 512)
        yield* pickUp.accept(codex, asks(520), "socket")
        yield* settle
        assert.strictEqual(server.reports.length, 513)
      })
    ))

  it.effect("a CLI that fails causes a failed report with its message; so does a defect of the daemon", () =>
    withPickUp(({ clis, codex, pickUp, server }) =>
      Effect.gen(function*() {
        clis.list = () => Effect.fail(new CliFailed({ verdict: "unable", message: "codex: not logged in" }))
        yield* pickUp.accept(codex, asks(1), "socket")
        yield* server.next("report")
        clis.list = () => Effect.die(new Error("bug"))
        yield* pickUp.accept(codex, asks(2), "socket")
        yield* server.next("report")
        yield* settle
        assert.deepStrictEqual(server.reports.map(({ outcome }) => outcome), [
          { _tag: "Failed", error: "codex: not logged in" },
          { _tag: "Failed", error: "the daemon had an internal error on model_list" }
        ])
      })
    ))

  it.effect("the end of the beat that delivered it does not interrupt the work", () =>
    withPickUp(({ clis, codex, pickUp, server, set }) =>
      Effect.gen(function*() {
        const held = yield* Deferred.make<void>()
        const answer = clis.list
        clis.list = (cli) => Effect.andThen(Deferred.await(held), answer(cli))
        const beat = yield* Effect.forkChild(Effect.andThen(pickUp.accept(codex, asks(1), "socket"), Effect.never))
        yield* settle
        yield* Fiber.interrupt(beat)
        yield* set.gone(codex)
        yield* Deferred.succeed(held, undefined)
        yield* server.next("report")
      })
    ))

  it.effect("R-18 after a full batch the next one is fetched when few are left, with one beat each time", () =>
    withPickUp(({ codex, pickUp, server }) =>
      Effect.gen(function*() {
        const imports = (from: number, many: number): Request.Json => ({
          pending_local_skill_imports: Array.from({ length: many }, (_, i) => ({
            id: requestId(from + i),
            skill_key: "there/is/none"
          }))
        })
        server.fields = imports(10, 3)
        yield* pickUp.accept(codex, imports(0, 10), "socket")
        for (let i = 0; i < 13; i++) yield* server.next("report")
        yield* settle
        assert.strictEqual(server.count("heartbeat", codex), 1)
        assert.strictEqual(new Set(server.reports.map(({ requestId }) => requestId)).size, 13)
        assert.deepStrictEqual(server.reports[0]!.outcome, { _tag: "Failed", error: "local skill not found" })
      })
    ))

  it.effect("work of an unknown runtime, and malformed or unknown work, is ignored", () =>
    withPickUp(({ codex, pickUp, server, set }) =>
      Effect.gen(function*() {
        yield* pickUp.accept(codex, { pending_model_list: { id: "short" } }, "socket")
        yield* pickUp.accept(codex, { pending_dance: { id: requestId(1) } }, "socket")
        yield* pickUp.accept(codex, { pending_model_list: null }, "socket")
        yield* set.gone(codex)
        yield* pickUp.accept(codex, asks(1), "socket")
        yield* settle
        assert.strictEqual(server.count("report"), 0)
      })
    ))
})
