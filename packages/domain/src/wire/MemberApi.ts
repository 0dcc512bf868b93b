import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Member } from "../access/Identity.ts"
import { maxMembers } from "../access/Workspace.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RowTime } from "../codec/Time.ts"
import { listOf } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, NotFound, ServerFault } from "./WireError.ts"

const MemberSummary = snakeKeys(Schema.Struct({ ...Member.fields, joinedAt: RowTime }))

/** The members of the workspace and their roles. */
export class MemberApi extends HttpApiGroup.make("members").add(
  HttpApiEndpoint.get("list", "/", {
    success: listOf(MemberSummary, maxMembers),
    error: [BadRequest, NotFound, ServerFault]
  })
).middleware(WorkspaceScope).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/members").annotateMerge(
  OpenApi.annotations({ title: "Members", description: "The people of a workspace." })
) {}
