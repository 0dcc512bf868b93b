import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { UserId } from "../access/Identity.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RequestTime } from "../codec/Time.ts"
import { Delivery, JournalEnd, maxDeliveries, maxJournal, ReplicaName } from "../journal/JournalEntry.ts"
import { RequestId } from "../request/RequestId.ts"
import { RuntimeId } from "../runtime/Runtime.ts"
import { Transport } from "../runtime/Transport.ts"
import { listOf, Word } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, NotFound, ServerFault } from "./WireError.ts"

const statuses = Schema.Literals(["pending", "running", "completed", "failed", "timeout"])
const errors = [BadRequest, NotFound, ServerFault] as const

const fields = {
  id: RequestId,
  runtimeId: RuntimeId,
  /** The runtime's present name or, if it is gone, its name at the time of the request; null: not known. */
  runtimeName: Schema.NullOr(Schema.String),
  /** Whether the runtime is gone; null: not known at the moment. */
  runtimeGone: Schema.NullOr(Schema.Boolean),
  kind: Schema.String,
  /** The request with its limits applied now. */
  status: statuses,
  /** The person who asked; null: no person. */
  createdBy: Schema.NullOr(UserId),
  createdAt: RequestTime,
  /** The replica that received the request; null: not known. */
  createdOn: Schema.NullOr(ReplicaName),
  deliveries: listOf(Schema.Struct({ ...Delivery.fields, at: RequestTime }), maxDeliveries),
  /** The report that settled it; null: none did. */
  end: Schema.NullOr(Schema.Struct({ ...JournalEnd.fields, at: RequestTime }))
}

/** What happened to a request, without its payload and result. */
export const JournalRecord = snakeKeys(Schema.Struct(fields))
export type JournalRecord = typeof JournalRecord.Type

/** The same, explained. */
export const ExplanationRecord = snakeKeys(Schema.Struct({
  ...fields,
  /** One paragraph for people. */
  text: Schema.String,
  /** The replica that explains. */
  replica: ReplicaName,
  /** Null: it is gone, or not known now; the text has the reason. */
  runtime: Schema.NullOr(snakeKeys(Schema.Struct({
    name: Schema.String,
    status: Schema.Literals(["online", "offline"]),
    lastBeatAt: Schema.NullOr(RequestTime)
  }))),
  /** Where its last beat arrived; `via` null: its socket there ended. Null: not known. */
  heard: Schema.NullOr(
    Schema.Struct({ on: ReplicaName, via: Schema.NullOr(Transport), since: RequestTime })
  ),
  /** What happens next, and the latest time. */
  coming: listOf(Schema.Struct({ what: Schema.String, at: RequestTime, text: Schema.String }), 10)
}))
export type ExplanationRecord = typeof ExplanationRecord.Type

/** The history of the last requests of a workspace, as far as it was recorded; every member can see it. */
export class JournalApi extends HttpApiGroup.make("journal").add(
  HttpApiEndpoint.get("recent", "/", {
    query: {
      /** 1 to 100; 100 by default. */
      limit: Schema.optionalKey(Word)
    },
    /** Newest first. */
    success: Schema.Struct({ requests: listOf(JournalRecord, maxJournal) }),
    error: errors
  }),
  /** 404 `request not found`: not one of the last 100 of the workspace, or its note was lost. */
  HttpApiEndpoint.get("explain", "/:requestId/explain", {
    params: { requestId: Word },
    success: ExplanationRecord,
    error: errors
  })
).middleware(WorkspaceScope).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/requests").annotateMerge(
  OpenApi.annotations({ title: "Journal", description: "What became of requests, and why they wait." })
) {}
