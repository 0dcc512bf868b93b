import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"

const fields = {
  /** `ok`, `not_ready` or `stopping`. */
  status: Schema.String,
  environment: Schema.String,
  /** By name: `ok`; `error`, which makes the whole `not_ready`; or `failing`: somebody's operation failed within the last minute. */
  checks: Schema.Record(Schema.String, Schema.String),
  /** Of checks that are not `ok`, by name: why, where that is known. */
  reasons: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
}

export const Health = Schema.Struct(fields)
export type Health = typeof Health.Type

/**
 * How a server is, for typed clients; the routes themselves stand beside the typed ones.
 * Source: `docs/protocol.md` 10.3.
 */
export class HealthApi extends HttpApiGroup.make("health").add(
  HttpApiEndpoint.get("ready", "/readyz", {
    success: [Health, Schema.Struct(fields).pipe(HttpApiSchema.status(503))]
  })
).annotateMerge(OpenApi.annotations({ title: "Health", description: "Whether the server and its stores answer." })) {}
