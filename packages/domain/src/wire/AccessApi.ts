import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { TokenId, User } from "../access/Identity.ts"
import { maxTokens } from "../access/Token.ts"
import { maxRepos, maxWorkspaces, Workspace } from "../access/Workspace.ts"
import { goText } from "../codec/Go.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RowTime } from "../codec/Time.ts"
import { listOf, nameOf, textLimits, textOf, Word } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth } from "./Security.ts"
import { BadRequest, Conflict, NotFound, ServerFault, TooMany } from "./WireError.ts"

const tokenFields = {
  id: TokenId,
  name: Schema.String,
  tokenPrefix: Schema.String,
  expiresAt: Schema.NullOr(RowTime),
  lastUsedAt: Schema.NullOr(RowTime),
  createdAt: RowTime
}
export const TokenRecord = snakeKeys(Schema.Struct(tokenFields))
/** The secret; it is shown only here. */
export const NewTokenRecord = snakeKeys(Schema.Struct({ ...tokenFields, token: Schema.String }))

export const WorkspaceRecord = snakeKeys(
  Schema.Struct({ ...Workspace.fields, repos: listOf(Schema.Json, maxRepos), createdAt: RowTime, updatedAt: RowTime })
)

const CreateToken = snakeKeys(Schema.Struct({
  name: goText(nameOf(textLimits.tokenName)),
  /** Absent, null, 0 or negative: never expires. At most 36,500. */
  expiresInDays: Schema.optionalKey(Schema.NullOr(Schema.Int.check(Schema.isLessThanOrEqualTo(36_500))))
}))

const CreateWorkspace = snakeKeys(Schema.Struct({
  name: goText(nameOf(textLimits.name)),
  slug: goText(textOf(textLimits.slug)),
  description: goText(textOf(textLimits.description)),
  context: goText(textOf(textLimits.context)),
  issuePrefix: goText(nameOf(textLimits.prefix))
}))

const errors = [BadRequest, ServerFault] as const

/** The caller, their tokens and their workspaces. Source: `docs/protocol.md` 3.3, 3.5, 3.7, 5.1. */
export class AccessApi extends HttpApiGroup.make("access").add(
  HttpApiEndpoint.get("me", "/me", { success: User, error: [...errors, NotFound] }),
  HttpApiEndpoint.get("tokens", "/tokens", { success: listOf(TokenRecord, maxTokens), error: errors }),
  /** Ends no later than the token of the call; for a session, the token that it came from. Revoking that one ends it. */
  HttpApiEndpoint.post("createToken", "/tokens", {
    payload: CreateToken,
    success: NewTokenRecord.pipe(HttpApiSchema.status(201)),
    error: [...errors, TooMany]
  }),
  /** Also revokes everything that was made with it: sessions, links, tokens. */
  HttpApiEndpoint.delete("revokeToken", "/tokens/:tokenId", {
    params: { tokenId: Word },
    success: HttpApiSchema.NoContent,
    error: errors
  }),
  HttpApiEndpoint.get("workspaces", "/workspaces", { success: listOf(WorkspaceRecord, maxWorkspaces), error: errors }),
  HttpApiEndpoint.post("createWorkspace", "/workspaces", {
    payload: CreateWorkspace,
    success: WorkspaceRecord.pipe(HttpApiSchema.status(201)),
    error: [...errors, Conflict]
  })
).middleware(UserAuth).middleware(ReadableErrors).prefix("/api").annotateMerge(
  OpenApi.annotations({ title: "Access", description: "Who you are, your tokens, your workspaces." })
) {}
