import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Word } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, NotFound, ServerFault, TooMany, Unavailable } from "./WireError.ts"

/**
 * What a page receives of its workspace: `hello` once the stream is open, `changed` when something may have changed, so
 * that the page refetches, and `idle` after a time without changes. An event carries no truth and may be lost.
 */
export const WorkspaceEvent = Schema.Struct({ type: Schema.Literals(["hello", "changed", "idle"]) })
export type WorkspaceEvent = typeof WorkspaceEvent.Type

/** The maximum silence of a live stream, in ms. */
export const eventSilence = 20_000

/** Server-sent events of one workspace. A stream ends after some minutes, and when the server stops: connect again. */
export class EventsApi extends HttpApiGroup.make("events").add(
  HttpApiEndpoint.get("watch", "/", {
    query: { workspace_id: Schema.optionalKey(Word) },
    success: HttpApiSchema.StreamSse({ data: WorkspaceEvent }),
    error: [BadRequest, NotFound, ServerFault, TooMany, Unavailable]
  })
).middleware(WorkspaceScope).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/events").annotateMerge(
  OpenApi.annotations({ title: "Events", description: "Get notified that something may have changed." })
) {}
