import { Effect, Schema } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"

/** What `/readyz` says, with status 200 where a person can use the server and 503 where not. */
export const ReadinessReport = Schema.Struct({
  status: Schema.String,
  environment: Schema.optionalKey(Schema.String),
  checks: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  reasons: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})
export type ReadinessReport = typeof ReadinessReport.Type

export const readiness = (url: string) =>
  Effect.flatMap(HttpClient.get(`${url}/readyz`), HttpClientResponse.schemaBodyJson(ReadinessReport))
