import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { ModelList } from "../request/kinds/ModelList.ts"
import { Ok } from "./DaemonApi.ts"
import { requestRecord } from "./RequestRecord.ts"
import { RuntimeRecord } from "./RuntimeRecord.ts"
import { ReadableErrors, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, Conflict, Forbidden, NotFound, ServerFault, TooMany, Unavailable } from "./WireError.ts"

const params = { runtimeId: Schema.String }
const errors = [BadRequest, NotFound, ServerFault] as const

export const ModelListRecord = requestRecord(ModelList)

/** The longest that a GET of a request waits for the request to settle, in seconds. */
export const maxWait = 60

const RuntimePatch = Schema.Struct({
  timezone: Schema.optionalKey(Schema.NullOr(Schema.String)),
  visibility: Schema.optionalKey(Schema.NullOr(Schema.String)),
  name: Schema.optionalKey(Schema.NullOr(Schema.String))
})

/** What people do with runtimes: see them, change them, ask them. Source: `wire.md` 8. */
export class RuntimeApi extends HttpApiGroup.make("runtimes").add(
  HttpApiEndpoint.get("list", "/", {
    query: { owner: Schema.optionalKey(Schema.String) },
    success: Schema.Array(RuntimeRecord),
    error: errors
  }),
  HttpApiEndpoint.get("one", "/:runtimeId", { params, success: RuntimeRecord, error: errors }),
  HttpApiEndpoint.patch("edit", "/:runtimeId", {
    params,
    payload: RuntimePatch,
    success: RuntimeRecord,
    error: [...errors, Forbidden]
  }),
  HttpApiEndpoint.delete("remove", "/:runtimeId", { params, success: Ok, error: [...errors, Forbidden, Conflict] }),
  HttpApiEndpoint.post("askModels", "/:runtimeId/models", {
    params,
    success: ModelListRecord,
    error: [...errors, Unavailable, TooMany, Conflict]
  }),
  HttpApiEndpoint.get("models", "/:runtimeId/models/:requestId", {
    params: { ...params, requestId: Schema.String },
    query: {
      /** Seconds, at most `maxWait`: answer as soon as the request is settled, or when the wait is over. */
      wait: Schema.optionalKey(Schema.String),
      /** Answer also as soon as the status is no longer this one. */
      while: Schema.optionalKey(Schema.Literals(["pending", "running"]))
    },
    success: ModelListRecord,
    error: errors
  })
).middleware(WorkspaceScope).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/runtimes").annotateMerge(
  OpenApi.annotations({ title: "Runtimes", description: "See the fleet and ask its agent CLIs." })
) {}
