import { Schema } from "effect"
import { WorkspaceId } from "./Identity.ts"

/** How many workspaces a person may be in, and how many members a workspace may have: the maximum of one list. */
export const maxWorkspaces = 1_000
export const maxMembers = 1_000

/** How many repositories of a workspace are returned. */
export const maxRepos = 1_000

/** The tenant. Times are epoch milliseconds. */
export const Workspace = Schema.Struct({
  id: WorkspaceId,
  name: Schema.String,
  slug: Schema.String,
  description: Schema.NullOr(Schema.String),
  context: Schema.NullOr(Schema.String),
  settings: Schema.Record(Schema.String, Schema.Json),
  repos: Schema.Array(Schema.Json),
  issuePrefix: Schema.String,
  createdAt: Schema.Finite,
  updatedAt: Schema.Finite
})
export type Workspace = typeof Workspace.Type

/** What a deletion of a workspace would lose, as counts. */
export const WorkspaceContents = Schema.Struct({
  members: Schema.Finite,
  /** Those that can still be accepted. */
  invitations: Schema.Finite,
  runtimes: Schema.Finite,
  machines: Schema.Finite,
  /** Tokens that are bound to one daemon of the workspace and have not expired. */
  daemonTokens: Schema.Finite,
  skills: Schema.Finite,
  /** Requests in the journal. */
  requests: Schema.Finite
})
export type WorkspaceContents = typeof WorkspaceContents.Type

/** The names of what a workspace contains, singular and plural. */
const contentsNames: { readonly [K in keyof WorkspaceContents]: readonly [string, string] } = {
  members: ["member", "members"],
  machines: ["machine", "machines"],
  runtimes: ["runtime", "runtimes"],
  skills: ["skill", "skills"],
  invitations: ["pending invitation", "pending invitations"],
  daemonTokens: ["daemon token", "daemon tokens"],
  requests: ["past request", "past requests"]
}

/** What a deletion would lose, in words: `2 members, 1 runtime`. Kinds of which there are none are left out. */
export const contentsText = (contents: WorkspaceContents): string =>
  (Object.keys(contentsNames) as ReadonlyArray<keyof WorkspaceContents>).flatMap((key) => {
    const count = contents[key]
    return count === 0 ? [] : [`${count} ${contentsNames[key][count === 1 ? 0 : 1]}`]
  }).join(", ")

/** A slug for a name: lower-case letters, digits and single hyphens, at most 60 characters; empty if the name has none. */
export const slugOf = (name: string): string =>
  name.normalize("NFKD").replaceAll(/\p{M}+/gu, "").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 60)
    .replaceAll(/^-|-$/g, "")

const slugPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** Names that a URL of the console or the API already uses. */
const reserved: ReadonlySet<string> = new Set([
  "api",
  "app",
  "auth",
  "console",
  "docs",
  "health",
  "healthz",
  "login",
  "logout",
  "metrics",
  "new",
  "openapi",
  "readyz",
  "settings",
  "signup",
  "static",
  "workspaces",
  "ws"
])

/** Why a workspace's name and slug are refused, in the protocol's words; undefined: they are accepted. */
export const refuse = (name: string, slug: string): string | undefined => {
  if (name === "" || slug === "") return "name and slug are required"
  if (!slugPattern.test(slug)) return "slug must contain only lowercase letters, numbers, and hyphens"
  if (reserved.has(slug)) return "slug is reserved"
  return undefined
}
