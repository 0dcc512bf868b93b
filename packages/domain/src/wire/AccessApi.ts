import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { TokenId, User } from "../access/Identity.ts"
import { Scope } from "../access/Scope.ts"
import { maxTokens, TokenPurpose } from "../access/Token.ts"
import { maxRepos, maxWorkspaces, Workspace } from "../access/Workspace.ts"
import { goText } from "../codec/Go.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RowTime } from "../codec/Time.ts"
import { listOf, nameOf, textLimits, textOf, Word } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth } from "./Security.ts"
import { BadRequest, Conflict, Forbidden, NotFound, ServerFault, TooMany } from "./WireError.ts"

const tokenFields = {
  id: TokenId,
  name: Schema.String,
  /** Absent: of a server that has no scopes. Only a token for calls, `api`, can be renewed. */
  purpose: Schema.optionalKey(TokenPurpose),
  /** Absent: of a server that has no scopes. */
  scopes: Schema.optionalKey(listOf(Scope, Scope.literals.length)),
  tokenPrefix: Schema.String,
  expiresAt: Schema.NullOr(RowTime),
  lastUsedAt: Schema.NullOr(RowTime),
  createdAt: RowTime
}
export const TokenRecord = snakeKeys(Schema.Struct(tokenFields))
/** The secret; it is shown only here. */
export const NewTokenRecord = snakeKeys(Schema.Struct({ ...tokenFields, token: Schema.String }))

/** The caller. `token` is absent: of a server that has no scopes. */
const MeRecord = Schema.Struct({
  ...User.fields,
  token: Schema.optionalKey(snakeKeys(Schema.Struct({
    /** The token that the person renews: that of the call, or the one that the session came from; null: there is none. */
    id: Schema.NullOr(TokenId),
    /** What the call's token may be used for. */
    scopes: listOf(Scope, Scope.literals.length),
    /** When the token with this id ends; null: never. */
    expiresAt: Schema.NullOr(RowTime)
  })))
})

/** Of a response: when the token that the person renews ends, where that is within 14 days. RFC 3339. */
export const tokenExpiresHeader = "x-muster-token-expires"

/** How long a renewal lasts by default, in days. */
export const defaultRenewalDays = 90

const maxDays = 36_500

export const WorkspaceRecord = snakeKeys(
  Schema.Struct({ ...Workspace.fields, repos: listOf(Schema.Json, maxRepos), createdAt: RowTime, updatedAt: RowTime })
)

const CreateToken = snakeKeys(Schema.Struct({
  name: goText(nameOf(textLimits.tokenName)),
  /** Absent, null, 0 or negative: never expires. At most 36,500. */
  expiresInDays: Schema.optionalKey(Schema.NullOr(Schema.Int.check(Schema.isLessThanOrEqualTo(maxDays)))),
  /** Of `read`, `ask`, `run`, `admin`. Absent or null: those of the token of the call. */
  scopes: Schema.optionalKey(Schema.NullOr(listOf(Word, 16)))
}))

const RenewToken = snakeKeys(Schema.Struct({
  /** From now on, 1 to 36,500. Absent or null: 90. */
  expiresInDays: Schema.optionalKey(
    Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: maxDays })))
  )
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
  HttpApiEndpoint.get("me", "/me", { success: MeRecord, error: [...errors, NotFound] }),
  /** Those whose scopes the token of the call has too. */
  HttpApiEndpoint.get("tokens", "/tokens", { success: listOf(TokenRecord, maxTokens), error: errors }),
  /** Ends no later than the token of the call; for a session, the token that it came from. Revoking that one ends it. */
  HttpApiEndpoint.post("createToken", "/tokens", {
    payload: CreateToken,
    success: NewTokenRecord.pipe(HttpApiSchema.status(201)),
    error: [...errors, Forbidden, TooMany]
  }),
  /**
   * Moves the end of a token for calls, which keeps its secret: no later than the token ends that it was made with, and
   * never to an earlier time. 404 `token not found`: unknown, or with a scope that the token of the call does not have.
   */
  HttpApiEndpoint.post("renewToken", "/tokens/:tokenId/renew", {
    params: { tokenId: Word },
    payload: RenewToken,
    success: TokenRecord,
    error: [...errors, NotFound]
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
