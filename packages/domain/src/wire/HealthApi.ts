import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"

const fields = {
  /** `ok`, `not_ready` or `stopping`. */
  status: Schema.String,
  environment: Schema.String,
  /**
   * By name: `ok`; `error`, which makes the whole `not_ready`; or `failing`: a caller's operation failed within the
   * last minute.
   */
  checks: Schema.Record(Schema.String, Schema.String),
  /** The reasons of checks that are not `ok`, by name, where known. */
  reasons: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
}

export const Health = Schema.Struct(fields)
export type Health = typeof Health.Type

/**
 * The state of a server, for typed clients; the routes themselves are next to the typed ones. Source:
 * `docs/protocol.md` 10.3.
 */
export class HealthApi extends HttpApiGroup.make("health").add(
  HttpApiEndpoint.get("ready", "/readyz", {
    success: [Health, Schema.Struct(fields).pipe(HttpApiSchema.status(503))]
  })
).annotateMerge(OpenApi.annotations({ title: "Health", description: "Whether the server and its stores answer." })) {}
