import { assert, describe, it } from "@effect/vitest"
import { Kinds, Request, Runtime } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Effect, Layer, Queue, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { layerHttpServerApi } from "../../src/client/HttpServerApi.ts"
import type { Report } from "../../src/client/ServerApi.ts"
import { Identity } from "../../src/identity/Identity.ts"
import { layerObservedServer } from "../../src/metrics/ObservedServer.ts"
import { Outbox } from "../../src/request/Outbox.ts"
import { ReportShelf } from "../../src/request/ReportShelf.ts"
import { logLines } from "../support/logLines.ts"
import { type Reply, WireServer } from "../support/WireServer.ts"

/** The page of nginx. */
const page = "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n" +
  "<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

const refused: Reply = { status: 413, body: page, headers: { "content-type": "text/html", connection: "close" } }
const accepted: Reply = { status: 200, body: `{"status":"ok"}` }

const report = (outcome: Request.Outcome): Report => ({
  kind: Kinds.ModelList,
  runtimeId: Runtime.RuntimeId.make("bbbbbbbb-0000-4000-8000-000000000001"),
  requestId: Request.RequestId.make("1".repeat(32)),
  outcome
})

const large = report({ _tag: "Completed", result: { models: [{ id: "m", label: "x".repeat(3_250_000) }] } })

/** An outbox whose server answers its reports over real HTTP with these replies, in order; `dropped` waits for its drop. */
const withReplies = <A, E>(
  replies: ReadonlyArray<Reply>,
  test: (all: {
    readonly outbox: Outbox["Service"]
    readonly server: WireServer
    readonly dropped: Effect.Effect<void>
    readonly lines: ReadonlyArray<string>
  }) => Effect.Effect<A, E>
) =>
  Effect.gen(function*() {
    const server = yield* WireServer.make
    const log = yield* logLines
    const drops = yield* Queue.unbounded<void>()
    server.script = () => replies[server.received.length - 1]
    const shelf = Layer.effect(
      ReportShelf,
      Effect.map(ReportShelf, (shelf) => ({
        ...shelf,
        drop: (name: string) => Effect.tap(shelf.drop(name), () => Queue.offer(drops, undefined))
      }))
    ).pipe(Layer.provide(ReportShelf.layerMemory))
    const layer = Outbox.layer.pipe(
      Layer.provide(shelf),
      Layer.provide(layerObservedServer),
      Layer.provide(layerHttpServerApi({ serverUrl: server.url, token: Redacted.make("mul_secret") })),
      Layer.provide([Layer.succeed(Identity, { daemonId: "d" } as Identity["Service"]), Conditions.layer])
    )
    return yield* Effect.flatMap(
      Outbox,
      (outbox) => test({ outbox, server, dropped: Queue.take(drops), lines: log.lines })
    ).pipe(Effect.provide([layer, log.layer]))
  })

const bodies = ({ received }: WireServer) => received.map(({ body }) => JSON.parse(body))

const failure = {
  status: "failed",
  error: "a proxy in front of the server refused the answer of 3.1 MiB (HTTP 413): " +
    "raise its limit for bodies to 52 MiB (client_max_body_size of nginx)"
}

describe("a proxy that refuses the size of a report", () => {
  it.effect("D-17 fails the request with the reason, at once", () =>
    withReplies([refused, accepted], ({ dropped, lines, outbox, server }) =>
      Effect.gen(function*() {
        yield* outbox.post(large)
        yield* dropped
        assert.deepStrictEqual(bodies(server).slice(1), [failure])
        assert.strictEqual(new Set(server.received.map(({ path }) => path)).size, 1)
        const warnings = lines.filter((line) => line.startsWith("Warn"))
        assert.strictEqual(warnings.length, 1, lines.join("\n"))
        assert.include(warnings[0], "reporting a failure instead")
      })))

  it.effect("D-17 the failure is retried as any report", () =>
    withReplies(
      [refused, { status: 503, body: "" }, accepted],
      ({ dropped, outbox, server }) =>
        Effect.gen(function*() {
          yield* outbox.post(large)
          yield* server.request("/result")
          yield* server.request("/result")
          yield* Effect.raceFirst(dropped, Effect.forever(TestClock.adjust("500 millis")))
          assert.deepStrictEqual(bodies(server).slice(1), [failure, failure])
        })
    ))

  it.effect.each(
    [
      [
        "a Muster server, which ends the request itself",
        large,
        { status: 413, body: `{"error":"request body is larger than 1 MiB","code":"too_large"}` }
      ],
      ["a proxy that refuses the failure, too", report({ _tag: "Failed", error: "no models" }), refused]
    ] as const
  )(
    "D-17 nothing more is sent to %s",
    ([, report, reply]) =>
      withReplies([reply, accepted], ({ dropped, lines, outbox, server }) =>
        Effect.gen(function*() {
          yield* outbox.post(report)
          yield* dropped
          assert.strictEqual(server.received.length, 1)
          assert.include(lines.join("\n"), "a result was not delivered and is lost")
        }))
  )
})
