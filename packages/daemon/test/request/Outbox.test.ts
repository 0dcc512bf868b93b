import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Kinds, Request, Runtime } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Effect, Exit, Layer, Queue, Scope } from "effect"
import { FileSystem } from "effect/FileSystem"
import { TestClock } from "effect/testing"
import { readdirSync } from "node:fs"
import { type Report, ServerApi } from "../../src/client/ServerApi.ts"
import { Gone, Refused, type ServerError, Unreachable } from "../../src/client/ServerError.ts"
import { Identity } from "../../src/identity/Identity.ts"
import { layerObservedServer } from "../../src/metrics/ObservedServer.ts"
import { Outbox } from "../../src/request/Outbox.ts"
import { layerReportFolder } from "../../src/request/ReportFolder.ts"
import { ReportShelf } from "../../src/request/ReportShelf.ts"
import { broken, FakeServer } from "../support/FakeServer.ts"
import { logLines } from "../support/logLines.ts"
import { settle } from "../support/settle.ts"

const codex = Runtime.RuntimeId.make("bbbbbbbb-0000-4000-8000-000000000001")
const claude = Runtime.RuntimeId.make("bbbbbbbb-0000-4000-8000-000000000002")

const reportOf = (n: number, runtimeId = codex): Report => ({
  kind: Kinds.ModelList,
  runtimeId,
  requestId: Request.RequestId.make(n.toString(16).padStart(32, "0")),
  outcome: n % 2 === 0
    ? { _tag: "Failed", error: "no\u0007 models" }
    : { _tag: "Completed", result: { models: [{ id: "m", label: "Ü" }], supported: true } }
})

const unreachable = (status: number | null, retryAfter: number | null = null) =>
  new Unreachable({ operation: "report", reason: "no", status, retryAfter })

interface Sent {
  readonly report: Report
  readonly at: number
  /** Whether its file was there when it was sent. */
  readonly kept: boolean
}

/** A machine with one data folder and one server, on which a daemon's outbox is started and ended. */
const machine = Effect.gen(function*() {
  const fs = yield* FileSystem
  const server = yield* FakeServer.make
  const log = yield* logLines
  const dataDir = yield* fs.makeTempDirectoryScoped()
  const sent: Array<Sent> = []
  const files = Effect.map(
    Effect.orElseSucceed(fs.readDirectory(`${dataDir}/outbox`, { recursive: true }), (): Array<string> => []),
    (names) => names.filter((name) => name.includes("."))
  )
  const events = yield* Queue.unbounded<"drop" | "sent">()
  const answers = new Map<Request.RequestId, (nth: number) => Effect.Effect<void, ServerError>>()
  const api = ServerApi.of({
    ...server.api,
    report: Effect.fnUntraced(function*(report) {
      // In one step: time must not pass while the disk is read.
      const kept = readdirSync(dataDir, { recursive: true }).some((name) =>
        String(name).endsWith(`${report.requestId}.json`)
      )
      sent.push({ report, kept, at: yield* Clock.currentTimeMillis })
      Queue.offerUnsafe(events, "sent")
      const nth = sent.filter((one) => one.report.requestId === report.requestId).length
      yield* answers.get(report.requestId)?.(nth) ?? Effect.void
    })
  })
  const start = Effect.fnUntraced(
    function*(at: { readonly dir?: string; readonly url?: string; readonly id?: string }) {
      const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
      const identity = Layer.succeed(Identity, { daemonId: at.id ?? "d" } as Identity["Service"])
      const folder = layerReportFolder({ dataDir: at.dir ?? dataDir, serverUrl: at.url ?? "http://a" })
      const shelf = Layer.effect(
        ReportShelf,
        Effect.map(ReportShelf, (shelf) => ({
          ...shelf,
          drop: (name: string) => Effect.tap(shelf.drop(name), () => Queue.offer(events, "drop"))
        }))
      ).pipe(Layer.provide(folder), Layer.provide([identity, NodeFileSystem.layer]))
      const layer = Outbox.layer.pipe(
        Layer.provideMerge(layerObservedServer),
        Layer.provide([shelf, Conditions.layer, Layer.succeed(ServerApi, api)])
      )
      const context = yield* Layer.buildWithScope(layer, scope).pipe(Effect.provide(log.layer))
      return {
        outbox: yield* Effect.provideContext(Outbox, context),
        server: yield* Effect.provideContext(ServerApi, context),
        end: Scope.close(scope, Exit.void)
      }
    }
  )
  /** Waits for this to happen; what happened before is passed over. */
  const next = (event: "drop" | "sent"): Effect.Effect<void> =>
    Effect.flatMap(Queue.take(events), (one) => one === event ? Effect.void : next(event))
  return {
    start: (at: Parameters<typeof start>[0] = {}) => start(at),
    sent,
    files,
    next,
    lines: log.lines,
    log: log.layer,
    dataDir,
    answer: (n: number, how: (nth: number) => Effect.Effect<void, ServerError>) =>
      void answers.set(reportOf(n).requestId, how),
    server
  }
})

const withMachine = <A, E>(test: (all: Effect.Success<typeof machine>) => Effect.Effect<A, E, Scope.Scope>) =>
  Effect.flatMap(machine, (all) => Effect.provide(test(all), all.log)).pipe(Effect.provide(NodeFileSystem.layer))

/** Time passes, a second at a time, with turns for the disk, until this has happened. */
const meanwhile = <A>(event: Effect.Effect<A>) =>
  Effect.raceFirst(event, Effect.forever(Effect.andThen(TestClock.adjust("500 millis"), settle)))

const timesOf = (sent: ReadonlyArray<Sent>) => sent.map(({ at }) => at)

/** A delivered result has an info line of its own. */
const warnings = (lines: ReadonlyArray<string>) => lines.filter((line) => !line.startsWith("Info delivered result"))

describe("the outbox", () => {
  it.effect("D-17 a report is on the disk before it is sent, and removed when the server has it", () =>
    withMachine(({ files, next, sent, start }) =>
      Effect.gen(function*() {
        const { outbox } = yield* start()
        yield* outbox.post(reportOf(1))
        yield* next("drop")
        assert.deepStrictEqual(sent, [{ report: reportOf(1), at: 0, kept: true }])
        assert.deepStrictEqual(yield* files, [])
        yield* settle
        assert.deepStrictEqual(yield* outbox.depth, { reports: 0, bytes: 0 })
      })
    ))

  it.effect.each([
    ["a network error", unreachable(null)],
    ["500", unreachable(500)],
    ["408", unreachable(408)],
    ["429", unreachable(429)]
  ])(
    "D-17 %s is retried at 0, 0.5, 2.5 and 6.5 s, then from the outbox with growing pauses",
    ([, failure]) =>
      withMachine(({ answer, files, next, sent, start }) =>
        Effect.gen(function*() {
          answer(1, (nth) => nth < 8 ? Effect.fail(failure as Unreachable) : Effect.void)
          const { outbox } = yield* start()
          yield* outbox.post(reportOf(1))
          yield* meanwhile(next("drop"))
          const times = timesOf(sent)
          assert.deepStrictEqual(times.slice(0, 4), [0, 500, 2_500, 6_500])
          const pauses = times.slice(4).map((at, n) => at - times[n + 3]!)
          assert.strictEqual(pauses.length, 4)
          for (const [n, pause] of pauses.entries()) {
            assert.isAtLeast(pause, 5_000 * 2 ** n)
            assert.isAtMost(pause, 10_000 * 2 ** n + 500)
          }
          assert.deepStrictEqual(yield* files, [])
        })
      )
  )

  it.effect("D-17 Retry-After applies to the first attempts and to later ones, also when the server returns", () =>
    withMachine(({ answer, next, sent, server: fake, start }) =>
      Effect.gen(function*() {
        const failures = [3_000, 100, 60_000, 90_000].map((ms) => unreachable(429, ms))
        answer(1, (nth) => failures[nth - 1] === undefined ? Effect.void : Effect.fail(failures[nth - 1]!))
        const { outbox, server } = yield* start()
        yield* outbox.post(reportOf(1))
        for (let n = 1; n < 5; n++) yield* meanwhile(next("sent"))
        fake.arriving = () => Effect.fail(unreachable(null))
        yield* Effect.ignore(server.workspaces)
        fake.arriving = () => Effect.void
        yield* server.workspaces
        yield* meanwhile(next("drop"))
        const [a, b, c, d, e] = timesOf(sent)
        assert.deepStrictEqual([a, b, c, d], [0, 3_000, 5_000, 65_000])
        assert.isAtLeast(e!, 65_000 + 90_000)
      })
    ))

  it.effect.each([
    new Refused({ operation: "report", status: 400, body: "invalid request body" }),
    new Refused({ operation: "report", status: 404, body: "request not found" }),
    new Refused({ operation: "report", status: 401, body: "" }),
    new Gone({ operation: "report" })
  ])(
    "D-17 another refusal ends it: %s",
    (failure) =>
      withMachine(({ answer, files, lines, next, sent, start }) =>
        Effect.gen(function*() {
          for (const n of [1, 2, 3]) answer(n, () => Effect.fail(failure))
          const { outbox } = yield* start()
          for (const n of [1, 2, 3]) {
            yield* outbox.post(reportOf(n))
            yield* next("drop")
          }
          yield* TestClock.adjust("5 minutes")
          assert.deepStrictEqual(timesOf(sent), [0, 0, 0])
          assert.deepStrictEqual(yield* files, [])
          assert.strictEqual(lines.length, 1, lines.join("\n"))
        })
      )
  )

  it.effect("D-17 a restart first sends what was not accepted, once", () =>
    withMachine(({ answer, files, next, sent, start }) =>
      Effect.gen(function*() {
        for (const n of [1, 2, 3]) answer(n, (nth) => nth === 1 ? Effect.never : Effect.void)
        const first = yield* start()
        for (const n of [2, 1, 3]) {
          yield* first.outbox.post(reportOf(n))
          yield* next("sent")
          yield* TestClock.adjust("10 millis")
        }
        yield* first.end
        assert.strictEqual((yield* files).length, 3)

        const second = yield* start()
        yield* second.outbox.replayed
        assert.deepStrictEqual(sent.slice(3).map(({ report }) => report), [2, 1, 3].map((n) => reportOf(n)))
        for (let n = 0; n < 3; n++) yield* next("drop")
        assert.deepStrictEqual(yield* files, [])
        yield* second.end

        const third = yield* start()
        yield* third.outbox.replayed
        assert.strictEqual(sent.length, 6)
      })
    ))

  it.effect("D-17 a server that does not answer delays the start by at most 2 s", () =>
    withMachine(({ answer, next, start }) =>
      Effect.gen(function*() {
        answer(1, () => Effect.never)
        const first = yield* start()
        yield* first.outbox.post(reportOf(1))
        yield* next("sent")
        yield* first.end
        const { outbox } = yield* start()
        const replayed = yield* Effect.forkChild(outbox.replayed, { startImmediately: true })
        yield* next("sent")
        yield* TestClock.adjust("1999 millis")
        assert.isUndefined(replayed.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        assert.isDefined(replayed.pollUnsafe())
      })
    ))

  it.effect("D-17 a report is sent only to its server and under its identity", () =>
    withMachine(({ answer, next, sent, start }) =>
      Effect.gen(function*() {
        answer(1, (nth) => nth === 1 ? Effect.never : Effect.void)
        const first = yield* start()
        yield* first.outbox.post(reportOf(1))
        yield* next("sent")
        yield* first.end
        for (const other of [{ url: "http://b" }, { id: "e" }]) {
          const { end, outbox } = yield* start(other)
          yield* outbox.replayed
          assert.isFalse(yield* outbox.holds(reportOf(1).requestId))
          yield* end
        }
        assert.strictEqual(sent.length, 1)
        const again = yield* start()
        yield* again.outbox.replayed
        assert.strictEqual(sent.length, 2)
      })
    ))

  it.effect("D-17 the server's return ends pauses within a second", () =>
    withMachine(({ answer, next, sent, server: fake, start }) =>
      Effect.gen(function*() {
        answer(1, (nth) => nth <= 6 ? Effect.fail(unreachable(null)) : Effect.void)
        const { outbox, server } = yield* start()
        yield* outbox.post(reportOf(1))
        for (let n = 1; n <= 6; n++) yield* meanwhile(next("sent"))
        yield* settle
        const now = yield* Clock.currentTimeMillis
        fake.arriving = () => Effect.void
        yield* server.workspaces
        yield* settle
        yield* TestClock.adjust("1 second")
        yield* next("drop")
        assert.isAtMost(sent[6]!.at - now, 1_000)
      })
    ))

  it.effect("a runtime whose reports get no answer does not delay others", () =>
    withMachine(({ answer, next, sent, start }) =>
      Effect.gen(function*() {
        const { outbox } = yield* start()
        for (let n = 1; n <= 20; n++) {
          answer(n, () => Effect.never)
          yield* outbox.post(reportOf(n))
        }
        yield* outbox.post(reportOf(21, claude))
        yield* next("drop")
        assert.deepStrictEqual(sent.map(({ report }) => report.runtimeId).filter((id) => id === claude), [claude])
        assert.strictEqual(sent.length, 5)
      })
    ))

  it.effect("D-17 if the disk does not work, reports are sent while the daemon runs, with one line", () =>
    withMachine(({ answer, dataDir, lines, next, sent, start }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem
        yield* fs.writeFileString(`${dataDir}/file`, "")
        const { outbox } = yield* start({ dir: `${dataDir}/file` })
        for (const n of [1, 2, 3]) yield* outbox.post(reportOf(n))
        assert.deepStrictEqual(sent.map(({ report }) => report), [1, 2, 3].map((n) => reportOf(n)))
        assert.deepStrictEqual(yield* outbox.depth, { reports: 0, bytes: 0 })
        assert.strictEqual(warnings(lines).length, 1, lines.join("\n"))
        assert.include(warnings(lines)[0], "not stored")

        // A server that is away for longer than the first attempts take.
        sent.length = 0
        answer(4, (nth) => nth < 7 ? Effect.fail(unreachable(503)) : Effect.void)
        yield* meanwhile(outbox.post(reportOf(4)))
        for (let n = 1; n <= 3 + 4; n++) yield* next("sent")
        assert.strictEqual(sent.length, 4)
        assert.strictEqual((yield* outbox.depth).reports, 1)
        for (let nth = 5; nth <= 7; nth++) yield* meanwhile(next("sent"))
        assert.strictEqual(sent.length, 7)
      }).pipe(Effect.provide(NodeFileSystem.layer))
    ))

  it.effect("damaged reports are set aside, with one line, and delay nothing", () =>
    withMachine(({ answer, dataDir, files, lines, next, sent, start }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem
        for (const n of [1, 2, 3]) answer(n, (nth) => nth === 1 ? Effect.never : Effect.void)
        const first = yield* start()
        for (const n of [1, 2, 3]) {
          yield* first.outbox.post(reportOf(n))
          yield* next("sent")
        }
        yield* first.end
        const [one, two] = (yield* files).toSorted()
        yield* fs.truncate(`${dataDir}/outbox/${one}`, 40)
        yield* fs.rename(`${dataDir}/outbox/${two}`, `${dataDir}/outbox/${two!.replace(/0+2/, "stranger")}`)
        const { outbox } = yield* start()
        yield* outbox.replayed
        yield* next("drop")
        assert.deepStrictEqual(sent.slice(3).map(({ report }) => report), [reportOf(3)])
        assert.strictEqual((yield* files).filter((name) => name.includes("/damaged/")).length, 2)
        assert.strictEqual((yield* files).length, 2)
        assert.strictEqual(warnings(lines).length, 1, lines.join("\n"))
        assert.include(warnings(lines)[0], "2 stored results could not be read")
      }).pipe(Effect.provide(NodeFileSystem.layer))
    ))

  it.effect("is bounded: expired reports make room, oldest first; otherwise a report is not stored", () =>
    Effect.gen(function*() {
      const server = yield* FakeServer.make
      const log = yield* logLines
      const names = new Set<string>()
      server.arriving = ({ about }) => about === reportOf(1_001).requestId ? Effect.void : Effect.fail(broken(500))
      const shelf = Layer.succeed(ReportShelf, {
        ...(yield* Effect.provide(ReportShelf, ReportShelf.layerMemory)),
        put: (name) => Effect.sync(() => void names.add(name)),
        drop: (name) => Effect.sync(() => void names.delete(name))
      })
      const layer = Outbox.layer.pipe(
        Layer.provide(layerObservedServer),
        Layer.provide([shelf, Conditions.layer, server.layer])
      )
      yield* Effect.gen(function*() {
        const outbox = yield* Outbox
        for (let n = 1; n <= 1_000; n++) yield* outbox.post(reportOf(n))
        yield* outbox.post(reportOf(1_001))
        assert.strictEqual(server.reports.length, 1)
        assert.strictEqual(names.size, 1_000)
        assert.isTrue(log.lines.some((line) => line.includes("not stored")))

        yield* TestClock.adjust("181 seconds")
        yield* outbox.post(reportOf(1_002))
        assert.strictEqual((yield* outbox.depth).reports, 1_000)
        assert.isFalse(yield* outbox.holds(reportOf(1).requestId))
        assert.isTrue(names.has(reportOf(2).requestId) && names.has(reportOf(1_002).requestId))
      }).pipe(Effect.provide([layer, log.layer]))
    }))
})
