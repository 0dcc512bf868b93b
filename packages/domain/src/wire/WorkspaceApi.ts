import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Role, UserId, WorkspaceId } from "../access/Identity.ts"
import { maxMembers, WorkspaceContents } from "../access/Workspace.ts"
import { goText } from "../codec/Go.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RowTime } from "../codec/Time.ts"
import { maxPending } from "../membership/Invitation.ts"
import { isSmallJson } from "../model/SmallJson.ts"
import { maxRepositories } from "../repository/Repository.ts"
import { listOf, nameOf, textLimits, textOf, Word } from "../text/BoundedText.ts"
import { WorkspaceRecord } from "./AccessApi.ts"
import { InvitationRecord, NewInvitationRecord } from "./InvitationApi.ts"
import { ReadableErrors, UserAuth } from "./Security.ts"
import { BadRequest, Conflict, Forbidden, NotFound, ServerFault, TooMany } from "./WireError.ts"

/** A membership. It has no id of its own: `id` is the person's, as is `user_id`. */
export const MemberRecord = snakeKeys(Schema.Struct({
  id: UserId,
  workspaceId: WorkspaceId,
  userId: UserId,
  role: Role,
  /** When the person joined. */
  createdAt: RowTime,
  name: Schema.String,
  email: Schema.String,
  avatarUrl: Schema.Null
}))

export const WorkspaceContentsRecord = snakeKeys(WorkspaceContents)

const smallJson = { expected: "JSON of at most 4096 characters", refusal: "must be JSON of at most 4096 characters" }
const SmallJson = Schema.Json.check(Schema.makeFilter(isSmallJson, smallJson))
const Settings = Schema.Record(Schema.String, Schema.Json).check(Schema.makeFilter(isSmallJson, smallJson))

/** Absent and null do not change; an empty `description` or `context` removes it. */
const EditWorkspace = snakeKeys(Schema.Struct({
  name: goText(nameOf(textLimits.name)),
  slug: goText(textOf(textLimits.slug)),
  description: goText(textOf(textLimits.description)),
  context: goText(textOf(textLimits.context)),
  issuePrefix: goText(nameOf(textLimits.prefix)),
  settings: Schema.optionalKey(Schema.NullOr(Settings)),
  repos: Schema.optionalKey(Schema.NullOr(listOf(SmallJson, maxRepositories)))
}))

const inviteFields = {
  email: goText(Word),
  role: goText(Word),
  /** 1 to 30; 7 by default. */
  expiresInDays: Schema.optionalKey(Schema.NullOr(Schema.Int))
}
const Invite = snakeKeys(Schema.Struct(inviteFields))
const ChangeRole = Schema.Struct({ role: goText(Word) })

const params = { workspaceId: Word }
const memberParams = { ...params, memberId: Word }
const errors = [BadRequest, NotFound, ServerFault] as const
const changes = [...errors, Forbidden] as const

const edit = { params, payload: EditWorkspace, success: WorkspaceRecord, error: [...changes, Conflict] } as const
const invite = {
  params,
  payload: Invite,
  success: NewInvitationRecord.pipe(HttpApiSchema.status(201)),
  error: [...changes, Conflict, TooMany]
} as const

/**
 * One workspace, its members and invitations. The path names the workspace; headers do not matter. Source:
 * `docs/protocol.md` 3.9.
 */
export class WorkspaceApi extends HttpApiGroup.make("workspaces").add(
  HttpApiEndpoint.get("one", "/", { params, success: WorkspaceRecord, error: errors }),
  HttpApiEndpoint.patch("edit", "/", edit),
  /** The same as PATCH: an absent key does not change. */
  HttpApiEndpoint.put("replace", "/", edit),
  /** What a deletion would lose. For owners. */
  HttpApiEndpoint.get("contents", "/contents", { params, success: WorkspaceContentsRecord, error: changes }),
  /** Deletes the workspace and everything in it. `confirm` must be the workspace's slug. For owners. */
  HttpApiEndpoint.delete("remove", "/", {
    params,
    query: { confirm: Schema.optionalKey(Word) },
    success: HttpApiSchema.NoContent,
    error: changes
  }),
  /** Ends the caller's membership; their runtimes leave the workspace. */
  HttpApiEndpoint.post("leave", "/leave", { params, success: HttpApiSchema.NoContent, error: changes }),
  HttpApiEndpoint.get("members", "/members", { params, success: listOf(MemberRecord, maxMembers), error: errors }),
  /** Invites by e-mail, as the reference does; the reply also has the link's secret. */
  HttpApiEndpoint.post("inviteMember", "/members", invite),
  HttpApiEndpoint.patch("changeRole", "/members/:memberId", {
    params: memberParams,
    payload: ChangeRole,
    success: MemberRecord,
    error: changes
  }),
  /** Their runtimes leave the workspace. */
  HttpApiEndpoint.delete("removeMember", "/members/:memberId", {
    params: memberParams,
    success: HttpApiSchema.NoContent,
    error: changes
  }),
  /** Those that can still be accepted, newest first. */
  HttpApiEndpoint.get("invitations", "/invitations", {
    params,
    success: listOf(InvitationRecord, maxPending),
    error: errors
  }),
  /** Invites by link; with `email`, only that person can accept. */
  HttpApiEndpoint.post("invite", "/invitations", invite),
  HttpApiEndpoint.delete("revokeInvitation", "/invitations/:invitationId", {
    params: { ...params, invitationId: Word },
    success: HttpApiSchema.NoContent,
    error: changes
  })
).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/workspaces/:workspaceId").annotateMerge(
  OpenApi.annotations({ title: "Workspaces", description: "A workspace, its members and invitations." })
) {}
