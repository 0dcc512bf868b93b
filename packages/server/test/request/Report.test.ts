import { assert, describe, it } from "@effect/vitest"
import { Kinds, Report, WireError } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { readReport } from "../../src/request/readReport.ts"
import { rawCut, rawText } from "../support/Raw.ts"
import { startHome } from "../support/Scene.ts"
import { type AnyCall, Outage } from "../support/Stores.ts"

const unknown = "11111111-2222-4333-8444-555555555555"
const model = { id: "m", label: "M" }
const passed = {
  thinking: { supported_levels: [{ value: "high", label: "High", description: "d" }], default_level: "high" },
  service_tiers: [{ id: "fast", name: "Fast" }]
}

/** A request of Ana's that her daemon has picked up, and its report. */
const startPickedUp = Effect.fnUntraced(function*(wraps: NonNullable<Parameters<typeof startHome>[0]>["wraps"] = {}) {
  const scene = yield* startHome({ wraps })
  const { id } = (yield* scene.me.post(`/api/runtimes/${scene.codex.id}/models`)).json as { readonly id: string }
  yield* scene.daemon.post("/api/daemon/heartbeat", { runtime_id: scene.codex.id })
  const path = `/api/daemon/runtimes/${scene.codex.id}/models/${id}/result`
  return {
    ...scene,
    id,
    path,
    report: (body: unknown) => scene.daemon.post(path, body),
    record: Effect.map(scene.me.get(`/api/runtimes/${scene.codex.id}/models/${id}`), ({ json }) => json)
  }
})

/** The record after a report. `docs/protocol.md` 7.6. */
const outcomes = [
  [
    "completed with models",
    { status: "completed", models: [model, { id: "n", label: "N", provider: "p", default: true }], supported: true },
    { status: "completed", models: [model, { id: "n", label: "N", provider: "p", default: true }], supported: true }
  ],
  ["completed without `supported`", { status: "completed", models: [] }, {
    status: "completed",
    models: [],
    supported: true
  }],
  ["`supported` null", { status: "completed", models: [model], supported: null }, {
    status: "completed",
    models: [model],
    supported: true
  }],
  ["`supported` false, models null", { status: "completed", models: null, supported: false }, {
    status: "completed",
    supported: false
  }],
  ["unknown fields", { status: "completed", models: [{ ...model, extra: 1 }], extra: 1 }, {
    status: "completed",
    models: [model],
    supported: true
  }],
  ["the source of the list", { status: "completed", models: [model], source: "live" }, {
    status: "completed",
    models: [model],
    supported: true,
    source: "live"
  }],
  [
    "NUL and a lone surrogate",
    "{\"status\":\"completed\",\"models\":[{\"id\":\"a\\u0000b\",\"label\":\"\\ud800x\"}]}",
    { status: "completed", models: [{ id: "ab", label: "\ufffdx" }], supported: true }
  ],
  ["failed", { status: "failed", error: "not logged in" }, {
    status: "failed",
    error: "not logged in",
    supported: true
  }],
  ["failed, NUL in its error", "{\"status\":\"failed\",\"error\":\"a\\u0000b\\udc00\"}", {
    status: "failed",
    error: "ab\ufffd",
    supported: true
  }],
  ["failed with models", { status: "failed", models: [model], error: "e" }, {
    status: "failed",
    error: "e",
    supported: true
  }],
  ["`running`", { status: "running", error: "e" }, { status: "failed", error: "e", supported: true }],
  ["`Completed`", { status: "Completed", models: [model], error: "e" }, {
    status: "failed",
    error: "e",
    supported: true
  }],
  ["no status", {}, { status: "failed", supported: true }],
  ["an error of 10,000 characters", { status: "failed", error: "e".repeat(10_000) }, {
    status: "failed",
    error: "e".repeat(4_096),
    supported: true
  }],
  ["the maximum number of models", { status: "completed", models: Array.from({ length: 5_000 }, () => model) }, {
    status: "completed",
    models: Array.from({ length: 5_000 }, () => model),
    supported: true
  }],
  ["F-17 `fallback: true` of a later daemon", { status: "completed", models: [model], fallback: true }, {
    status: "completed",
    models: [model],
    supported: true,
    source: "fallback"
  }],
  ["F-17 `fallback: false`", { status: "completed", models: [model], fallback: false }, {
    status: "completed",
    models: [model],
    supported: true
  }],
  ["F-17 an unknown source", { status: "completed", models: [model], source: "guess" }, {
    status: "completed",
    models: [model],
    supported: true,
    source: "fallback"
  }],
  ["F-17 thinking and service tiers", { status: "completed", models: [{ ...model, ...passed }] }, {
    status: "completed",
    models: [{ ...model, ...passed }],
    supported: true
  }],
  ["F-17 thinking and service tiers that are null or over their bound", {
    status: "completed",
    models: [
      { ...model, thinking: null, service_tiers: "x".repeat(4_096) },
      { ...model, thinking: Array.from({ length: 20 }).reduce((inner) => [inner], 1), service_tiers: [] }
    ]
  }, { status: "completed", models: [model, { ...model, service_tiers: [] }], supported: true }],
  ["F-36 malformed entries, each in its own way", {
    status: "completed",
    models: [
      { id: "", label: "M" },
      { id: "long", label: "l".repeat(513) },
      model,
      { label: "M" },
      "text",
      null,
      { id: 7, label: "M" },
      { id: "bare", label: null, provider: null, default: null },
      { id: "", label: "N" }
    ]
  }, {
    status: "completed",
    models: [model, { id: "bare", label: "bare" }],
    supported: true,
    left_out: [
      { reason: "id must be a value with a length of at least 1", count: 2, first: "models[0]" },
      { reason: "label must be a value with a length of at most 512", count: 1, first: "models[1]" },
      { reason: "id is missing", count: 1, first: "models[3]" },
      { reason: "it has a value that is not accepted", count: 2, first: "models[4]" },
      { reason: "id has a value that is not accepted", count: 1, first: "models[6]" }
    ]
  }],
  ["F-36 more than the maximum number of models", {
    status: "completed",
    models: Array.from({ length: 5_003 }, () => model)
  }, {
    status: "completed",
    models: Array.from({ length: 5_000 }, () => model),
    supported: true,
    left_out: [{ reason: "more than 5000 entries", count: 3, first: "models[5000]" }]
  }],
  ["F-36 what the daemon itself left out", {
    status: "completed",
    models: [model, { id: "" }],
    left_out: [{ reason: "its id is longer than 512 characters", count: 1 }]
  }, {
    status: "completed",
    models: [model],
    supported: true,
    left_out: [
      { reason: "its id is longer than 512 characters", count: 1 },
      { reason: "id must be a value with a length of at least 1", count: 1, first: "models[1]" }
    ]
  }],
  ["F-36 an unreadable `left_out`", { status: "completed", models: [model], left_out: [7] }, {
    status: "completed",
    models: [model],
    supported: true
  }]
] as const

/** Bodies that are not a report, and the error of the request. */
const malformed = [
  ["an empty body", "", "invalid request body"],
  ["no JSON", "{\"status\":", "invalid request body"],
  ["a list", "[]", "its body is not a JSON object"],
  ["a text", "\"completed\"", "its body is not a JSON object"],
  ["null", "null", "its body is not a JSON object"],
  ["a status that is a number", { status: 1 }, "`status` and `error` must be strings"],
  ["an error that is an object", { status: "failed", error: {} }, "`status` and `error` must be strings"],
  ["models that are not a list", { status: "completed", models: "all" }, "models has a value that is not accepted"],
  [
    "models that are all malformed",
    { status: "completed", models: [{ label: "M" }, { id: "" }] },
    "no entry of models is accepted: id is missing"
  ],
  [
    "`supported` as a text",
    { status: "completed", models: [], supported: "yes" },
    "supported has a value that is not accepted"
  ]
] as const

describe("a daemon's report of a model list", () => {
  it.effect.each(outcomes)("7.6 %s", ([, body, expected]) =>
    Effect.gen(function*() {
      const { codex, id, record, report } = yield* startPickedUp()
      yield* TestClock.adjust("1 second")
      const answer = yield* report(body)
      assert.deepStrictEqual([answer.status, answer.json], [200, { status: "ok" }])
      assert.deepStrictEqual(yield* record, {
        ...expected,
        id,
        runtime_id: codex.id,
        created_at: "1970-01-01T00:00:00.000Z",
        updated_at: "1970-01-01T00:00:01.000Z"
      })
    }))

  it.effect.each(malformed)(
    "F-36 %s: 400 `invalid request body`, and the request fails with the reason",
    ([, body, reason]) =>
      Effect.gen(function*() {
        const { record, report } = yield* startPickedUp()
        const answer = yield* report(body)
        assert.deepStrictEqual([answer.status, answer.json], [400, {
          error: "invalid request body",
          code: "invalid_body"
        }])
        const { error, status } = yield* record
        assert.deepStrictEqual([status, error], ["failed", `the server refused the daemon's result: ${reason}`])
        assert.strictEqual((yield* report({ status: "completed", models: [] })).status, 200)
        assert.strictEqual((yield* record).status, "failed")
      })
  )

  it.effect.each(Kinds.all)(
    "F-36 $name: a report over the bound is 413, and its request fails with the reason",
    (kind) =>
      Effect.gen(function*() {
        const { ana, codex, daemon, muster } = yield* startHome()
        const { request } = yield* Effect.orDie(
          muster.requests.create({ kind, runtimeId: codex.id, payload: {}, by: ana.id })
        )
        const { bytes, text } = kind.reportBound ?? { bytes: 1024 * 1024, text: "1 MiB" }
        const answer = yield* daemon.post(
          `/api/daemon/runtimes/${codex.id}/${kind.path}/${request.id}/result`,
          JSON.stringify({ status: "completed", output: "x".repeat(bytes) })
        )
        assert.strictEqual(answer.status, 413)
        const found = yield* Effect.orDie(muster.requests.get(codex.id, request.id))
        assert.deepStrictEqual(Option.getOrThrow(found).state, {
          _tag: "Failed",
          error: `the server refused the daemon's result: request body is larger than ${text}`
        })
      })
  )

  it.effect("F-36 a body that ended early is no refusal: the daemon reports again", () =>
    Effect.gen(function*() {
      const read = readReport(Report.decoder(Kinds.ModelList), Effect.fail(WireError.cutBody()))
      assert.deepStrictEqual(yield* Effect.flip(read), WireError.cutBody())
    }))

  it.effect("F-36 a report whose connection breaks leaves its request open: the daemon sends it again", () =>
    Effect.gen(function*() {
      const { ana, muster, path, record, report } = yield* startPickedUp()
      yield* rawCut(
        muster.url,
        rawText(`POST ${path}`, [`Authorization: Bearer ${ana.token}`, "Content-Length: 100"], "{")
      )
      assert.strictEqual((yield* record).status, "running")
      assert.strictEqual((yield* report({ status: "completed", models: [model] })).status, 200)
      assert.strictEqual((yield* record).status, "completed")
    }))

  it.effect("7.5 a report of a request without a pick-up is accepted", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      const answer = yield* daemon.post(`/api/daemon/runtimes/${codex.id}/models/${id}/result`, { status: "completed" })
      assert.strictEqual(answer.status, 200)
      assert.strictEqual((yield* me.get(`/api/runtimes/${codex.id}/models/${id}`)).json.status, "completed")
    }))

  it.effect.each([["another one", { status: "failed", error: "late" }], ["junk, unread", "{"]] as const)(
    "7.5 a second report (%s) is 200 and changes nothing",
    ([, second]) =>
      Effect.gen(function*() {
        const { record, report } = yield* startPickedUp()
        yield* report({ status: "completed", models: [model] })
        const before = yield* record
        yield* TestClock.adjust("1 second")
        const answer = yield* report(second)
        assert.deepStrictEqual([answer.status, answer.json], [200, { status: "ok" }])
        assert.deepStrictEqual(yield* record, before)
      })
  )

  it.effect("7.5 a report after the timeout is 200 and changes nothing", () =>
    Effect.gen(function*() {
      const { record, report } = yield* startPickedUp()
      yield* TestClock.adjust(60_001)
      const answer = yield* report({ status: "completed", models: [model] })
      assert.strictEqual(answer.status, 200)
      const { error, status } = yield* record
      assert.deepStrictEqual([status, error], ["timeout", "daemon did not finish within 60 seconds"])
    }))

  it.effect("7.5 of two concurrent reports one wins, and both are 200", () =>
    Effect.gen(function*() {
      const { record, report } = yield* startPickedUp()
      const answers = yield* Effect.all([
        report({ status: "completed", models: [model] }),
        report({ status: "failed", error: "e" })
      ], { concurrency: 2 })
      assert.deepStrictEqual(answers.map(({ status }) => status), [200, 200])
      const { error, models, status } = yield* record
      assert.deepInclude([["completed", [model], undefined], ["failed", undefined, "e"]], [status, models, error])
    }))

  // Each row is invalid in its own way and, where possible, in those of the rows after it.
  it.effect("7.5 the order of refusals: credential, runtime id, runtime, access, request, body", () =>
    Effect.gen(function*() {
      const { codex, daemon, home, id, muster } = yield* startPickedUp()
      const eve = yield* muster.person("eve")
      const claude = yield* muster.runtime(home, { provider: "claude" })
      const none = "0".repeat(32)
      const at = (runtime: string, request: string) => `/api/daemon/runtimes/${runtime}/models/${request}/result`
      const answers = [
        yield* muster.nobody.post(at("junk", none), "{"),
        yield* daemon.post(at("junk", none), "{"),
        yield* muster.as(eve.token).post(at(unknown, none), "{"),
        yield* muster.as(eve.token).post(at(codex.id, none), "{"),
        yield* daemon.post(at(codex.id, "junk"), "{"),
        yield* daemon.post(at(codex.id, none), "{"),
        yield* daemon.post(at(claude.id, id), "{"),
        yield* daemon.post(at(codex.id, id), "{")
      ]
      assert.deepStrictEqual(answers.map(({ json, status }) => [status, json.error]), [
        [401, "missing authorization header"],
        [400, "invalid runtime_id"],
        [404, "runtime not found"],
        [404, "not found"],
        [404, "request not found"],
        [404, "request not found"],
        [404, "request not found"],
        [400, "invalid request body"]
      ])
    }))

  it.effect.each(
    [
      ["get", { status: "completed" }, "failed to load request: the store does not answer"],
      ["settle", { status: "completed" }, "failed to persist completion"],
      ["settle", { status: "failed" }, "failed to persist failure"],
      ["settle", [], "failed to persist failure"]
    ] as const
  )(
    "7.5 a store whose `%s` is dead for %j: 500, so the daemon repeats it",
    ([operation, body, error]) =>
      Effect.gen(function*() {
        const outage = new Outage()
        const { record, report } = yield* startPickedUp({
          requests: (real) => ({ [operation]: outage.guard(`RequestStore.${operation}`, real[operation] as AnyCall) })
        })
        outage.down = true
        const answer = yield* report(body)
        outage.down = false
        assert.deepStrictEqual([answer.status, answer.json], [500, { error, code: "unavailable" }])
        assert.strictEqual((yield* record).status, "running")
      })
  )

  it.effect("a lost ack: the request is delivered again after 20 s, once, and the report of either counts", () =>
    Effect.gen(function*() {
      const { codex, daemon, id, record, report } = yield* startPickedUp()
      const beat = Effect.map(daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }), ({ json }) => json)
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(yield* beat, { status: "ok" })
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* beat, { status: "ok", pending_model_list: { id } })
      yield* TestClock.adjust(20_001)
      assert.deepStrictEqual(yield* beat, { status: "ok" })
      yield* report({ status: "completed", models: [model] })
      assert.strictEqual((yield* record).status, "completed")
    }))
})
