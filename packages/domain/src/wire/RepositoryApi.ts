import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { UserId } from "../access/Identity.ts"
import { maxRepos } from "../access/Workspace.ts"
import { goText } from "../codec/Go.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RowTime } from "../codec/Time.ts"
import { maxUrlLength, Settings } from "../repository/Repository.ts"
import { listOf, textOf, Word } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth } from "./Security.ts"
import { BadRequest, Forbidden, NotFound, ServerFault, TooMany } from "./WireError.ts"

const repositoryFields = {
  url: Schema.String,
  /** Null: not known, or no member any more. */
  addedBy: Schema.NullOr(Schema.Struct({ id: UserId, name: Schema.String })),
  /** Null: not known. */
  addedAt: Schema.NullOr(RowTime)
}

/** A repository that agents of the workspace may check out. */
export const RepositoryRecord = snakeKeys(Schema.Struct(repositoryFields))

export const RepositoryList = snakeKeys(Schema.Struct({
  /** In the order in which they were added. */
  repositories: listOf(RepositoryRecord, maxRepos),
  /** Changes with every change of the list; the `repos_version` of daemons. */
  version: Schema.String,
  /** The maximum number of repositories. */
  max: Schema.Int
}))

/** `added`: false if the list has the address already, however it is spelled there. */
const AddedRepository = snakeKeys(Schema.Struct({ ...repositoryFields, added: Schema.Boolean }))

/** The settings of a workspace that every client may show. */
export const SettingsRecord = snakeKeys(Settings)

/** What a person changes of them; absent and null do not change. */
const SettingsPatch = snakeKeys(Schema.Struct({
  coAuthoredByEnabled: Schema.optionalKey(Schema.NullOr(Schema.Boolean))
}))

const params = { workspaceId: Word }
const errors = [BadRequest, NotFound, ServerFault] as const
const changes = [...errors, Forbidden] as const
const url = textOf(maxUrlLength)

/** The repositories and settings of a workspace. Members see them; owners and admins change them. */
export class RepositoryApi extends HttpApiGroup.make("repositories").add(
  HttpApiEndpoint.get("list", "/repositories", { params, success: RepositoryList, error: errors }),
  HttpApiEndpoint.post("add", "/repositories", {
    params,
    payload: Schema.Struct({ url: goText(url) }),
    success: AddedRepository,
    error: [...changes, TooMany]
  }),
  /** Removes every spelling of this address. 404 `repository not found`: the list has none. */
  HttpApiEndpoint.delete("remove", "/repositories", {
    params,
    query: { url: Schema.optionalKey(url) },
    success: HttpApiSchema.NoContent,
    error: changes
  }),
  HttpApiEndpoint.get("settings", "/settings", { params, success: SettingsRecord, error: errors }),
  HttpApiEndpoint.patch("editSettings", "/settings", {
    params,
    payload: SettingsPatch,
    success: SettingsRecord,
    error: changes
  })
).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/workspaces/:workspaceId").annotateMerge(
  OpenApi.annotations({
    title: "Repositories",
    description: "The repositories that agents of a workspace may check out, and the workspace's settings."
  })
) {}
