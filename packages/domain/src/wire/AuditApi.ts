import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { AuditEvent } from "../audit/AuditEvent.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RequestTime } from "../codec/Time.ts"
import { listOf, Word } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, Forbidden, NotFound, ServerFault } from "./WireError.ts"

export const AuditRecord = snakeKeys(Schema.Struct({ ...AuditEvent.fields, at: RequestTime }))
export type AuditRecord = typeof AuditRecord.Type

/** The maximum number of events of a page. */
export const maxAuditPage = 200

/** The maximum number of events of one export as JSON lines. */
export const maxAuditExport = 100_000

/** The last line of an export that was cut: the cursor for the rest. */
export const AuditRest = Schema.Struct({ next: Schema.String })

/** The content type of JSON lines. */
export const jsonLinesType = "application/x-ndjson"

/** Who changed what in a workspace, and refused sign-ins; for its owners and admins. */
export class AuditApi extends HttpApiGroup.make("audit").add(
  /**
   * With `Accept: application/x-ndjson` or `format=jsonl`: one event per line, newest first, at most `limit` (default
   * 100,000). If there are more, the last line is `{"next": cursor}`. A fault truncates the response.
   */
  HttpApiEndpoint.get("list", "/", {
    query: {
      /** The id or the name of a person, or the daemon id of a machine. */
      actor: Schema.optionalKey(Word),
      /** An action such as `token.create`, or its subject, `token`. */
      action: Schema.optionalKey(Word),
      /** The id, the name or the kind of what was changed. */
      target: Schema.optionalKey(Word),
      /** RFC 3339; events at or after it. */
      from: Schema.optionalKey(Word),
      /** RFC 3339; events before it. */
      to: Schema.optionalKey(Word),
      /** `next` of the previous page. */
      cursor: Schema.optionalKey(Word),
      /** 1 to 200; 100 by default. */
      limit: Schema.optionalKey(Word),
      /** `json` or `jsonl`. */
      format: Schema.optionalKey(Word)
    },
    /** Newest first; `next`: the cursor of the next page, null: this is the last one. */
    success: Schema.Struct({ events: listOf(AuditRecord, maxAuditPage), next: Schema.NullOr(Schema.String) }),
    error: [BadRequest, Forbidden, NotFound, ServerFault]
  })
).middleware(WorkspaceScope).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/audit").annotateMerge(
  OpenApi.annotations({ title: "Audit log", description: "Who changed what, when and from where." })
) {}
