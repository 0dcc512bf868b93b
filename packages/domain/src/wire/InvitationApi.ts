import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Role, User, UserId, WorkspaceId } from "../access/Identity.ts"
import { goText } from "../codec/Go.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RowTime } from "../codec/Time.ts"
import { InvitationId, InvitationStatus, maxPending } from "../membership/Invitation.ts"
import { listOf, nameOf, textLimits, Word } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth } from "./Security.ts"
import { BadRequest, Conflict, Ended, Forbidden, NotFound, ServerFault, TooMany } from "./WireError.ts"

const fields = {
  id: InvitationId,
  workspaceId: WorkspaceId,
  inviterId: UserId,
  /** The reference has an address in each invitation; in Muster it is null for a link that anyone can accept. */
  inviteeEmail: Schema.NullOr(Schema.String),
  inviteeUserId: Schema.NullOr(UserId),
  role: Role,
  status: InvitationStatus,
  createdAt: RowTime,
  updatedAt: RowTime,
  expiresAt: RowTime,
  inviterName: Schema.String,
  inviterEmail: Schema.String,
  workspaceName: Schema.String,
  workspaceSlug: Schema.String
}
export const InvitationRecord = snakeKeys(Schema.Struct(fields))

/** The secret is shown only here. `path`: the path of the link; the server's URL precedes it. */
export const NewInvitationRecord = snakeKeys(Schema.Struct({ ...fields, secret: Schema.String, path: Schema.String }))

/** What a person who has the link sees before they accept. */
export const InvitationPreview = snakeKeys(Schema.Struct({
  workspaceName: Schema.String,
  inviterName: Schema.String,
  inviteeEmail: Schema.NullOr(Schema.String),
  role: Role,
  expiresAt: RowTime
}))

/** The membership that an acceptance made, in the reference's words. */
export const JoinedRecord = snakeKeys(Schema.Struct({
  id: UserId,
  workspaceId: WorkspaceId,
  userId: UserId,
  role: Role,
  createdAt: RowTime
}))

export const AcceptedRecord = snakeKeys(Schema.Struct({
  user: User,
  workspaceId: WorkspaceId,
  workspaceName: Schema.String,
  workspaceSlug: Schema.String,
  role: Role,
  /** The newcomer's token, shown only here; null for a caller who is signed in, and for a session. */
  token: Schema.NullOr(Schema.String),
  /** When the token or session expires; null: never, or none was made. */
  expiresAt: Schema.NullOr(RowTime)
}))

/** Who accepts: the caller who is signed in, else a newcomer with this name and e-mail. */
const Accept = snakeKeys(Schema.Struct({
  secret: goText(Word),
  name: goText(nameOf(textLimits.name)),
  email: goText(Word),
  /** What a newcomer gets: a token (the default), or the session cookie of the console. */
  credential: Schema.optionalKey(Schema.NullOr(Schema.Literals(["token", "session"]))),
  /** The name of the newcomer's token; `invitation` by default. */
  tokenName: goText(nameOf(textLimits.tokenName))
}))

const params = { invitationId: Word }
const errors = [BadRequest, ServerFault] as const
const refusals = [...errors, Forbidden, NotFound] as const
const acceptance = [...refusals, Conflict, Ended] as const

/**
 * The invitations for the caller. An invitation is for the person who had its e-mail when it was made; other people
 * need the link. Source: `docs/protocol.md` 3.9.
 */
export class InvitationApi extends HttpApiGroup.make("invitations").add(
  HttpApiEndpoint.get("mine", "/", { success: listOf(InvitationRecord, maxPending), error: errors }),
  HttpApiEndpoint.get("one", "/:invitationId", { params, success: InvitationRecord, error: refusals }),
  HttpApiEndpoint.post("accept", "/:invitationId/accept", { params, success: JoinedRecord, error: acceptance }),
  HttpApiEndpoint.post("decline", "/:invitationId/decline", {
    params,
    success: HttpApiSchema.NoContent,
    error: acceptance
  })
).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/invitations").annotateMerge(
  OpenApi.annotations({ title: "Invitations", description: "Into which workspaces you are invited." })
) {}

/** Invitations by link, which need no account: the secret is the link's. It is sent in the body, so that no log has it. */
export class InviteLinkApi extends HttpApiGroup.make("inviteLink").add(
  HttpApiEndpoint.post("look", "/", {
    payload: Schema.Struct({ secret: goText(Word) }),
    success: InvitationPreview,
    error: [...errors, NotFound, Ended, TooMany]
  }),
  /** A caller who is signed in (token or session) joins; else `name` and `email` make an account first. */
  HttpApiEndpoint.post("accept", "/accept", {
    payload: Accept,
    success: AcceptedRecord.pipe(HttpApiSchema.status(201)),
    error: [...acceptance, TooMany]
  })
).middleware(ReadableErrors).prefix("/api/invite-link").annotateMerge(
  OpenApi.annotations({ title: "Invitation links", description: "Join a workspace by a link." })
) {}
