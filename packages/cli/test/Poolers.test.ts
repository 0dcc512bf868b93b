import { assert, describe, it } from "@effect/vitest"
import { layerServer, ServerInfo } from "@muster/server"
import { freshDatabase, pgBouncerTo } from "@muster/store-suite"
import { Context, Effect, Layer, Logger, Redacted, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import { makeHome, runMuster } from "./support/runMuster.ts"

const Report = Schema.Struct({
  status: Schema.String,
  checks: Schema.Record(Schema.String, Schema.String),
  reasons: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})

/** A server on a PgBouncer that pools transactions, and the output of its `/readyz` and doctor. */
const scene = Effect.fnUntraced(function*(withDirectUrl: boolean) {
  const direct = yield* freshDatabase
  const home = yield* makeHome
  const server = layerServer({
    host: "127.0.0.1",
    port: 0,
    dataDir: `${home}/data`,
    databaseUrl: yield* pgBouncerTo(direct, "transaction"),
    databaseDirectUrl: withDirectUrl ? direct : undefined
  })
  const { ownerToken, url } = Context.get(yield* Layer.build(Layer.provide(server, Logger.layer([]))), ServerInfo)
  const report = yield* HttpClient.get(`${url}/readyz`).pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Report)),
    Effect.provide(FetchHttpClient.layer)
  )
  const env = { MUSTER_SERVER_URL: url, MUSTER_TOKEN: Redacted.value(ownerToken) }
  const doctor = yield* runMuster(["doctor"], { home, env })
  return { report, doctor }
})

describe("a server behind a pooler in transaction mode", () => {
  it.live("F-08 is ready, and readyz and doctor report the restriction and what to do", () =>
    Effect.gen(function*() {
      const { doctor, report } = yield* scene(false)
      assert.strictEqual(report.status, "ok")
      assert.strictEqual(report.checks["wakes"], "limited")
      assert.match(report.reasons?.["wakes"] ?? "", /pool_mode = transaction.*set DATABASE_DIRECT_URL/)
      assert.match(doctor.stdout, /^warn {2}server: .* is ready, but .*wakes: .*pooler.*set DATABASE_DIRECT_URL/m)
    }), 60_000)

  it.live("F-08 has no restriction with a direct address", () =>
    Effect.gen(function*() {
      const { doctor, report } = yield* scene(true)
      assert.strictEqual(report.checks["wakes"], "ok")
      assert.match(doctor.stdout, /^ok {4}server: .* is ready \(postgres\)$/m)
    }), 60_000)
})
