import { Predicate, Result, Schema } from "effect"
import { UserId } from "../access/Identity.ts"
import type { Workspace } from "../access/Workspace.ts"
import { keyOf, type RepositoryUrl } from "./RepositoryUrl.ts"

export { maxUrlLength, parseUrl, type RepositoryUrl } from "./RepositoryUrl.ts"

/** The maximum number of repositories of a workspace. */
export const maxRepositories = 500

/** One entry of a workspace's list: a repository that agents of the workspace may check out. */
export interface Repository {
  readonly url: string
  /** Who added it; null: not known. */
  readonly addedBy: UserId | null
  /** Epoch ms; null: not known. */
  readonly addedAt: number | null
}

/** What a workspace sets for the tasks of all its members. Source: `docs/protocol.md` 5.2. */
export const Settings = Schema.Struct({
  /** Whether commits of agents name them as co-authors. */
  coAuthoredByEnabled: Schema.Boolean
})
export type Settings = typeof Settings.Type

/** The settings in a workspace's record, which other keys of other clients share. */
export const settingsIn = (record: Workspace["settings"]): Settings => ({
  coAuthoredByEnabled: record["co_authored_by_enabled"] !== false
})

/** The keys of a workspace's record for these settings. An absent setting has no key. */
export const settingsRecord = ({ coAuthoredByEnabled }: Partial<Settings>): Workspace["settings"] =>
  coAuthoredByEnabled === undefined ? {} : { co_authored_by_enabled: coAuthoredByEnabled }

type Repos = Workspace["repos"]

const isUserId = Schema.is(UserId)

const entryOf = (json: Schema.Json): Repository | undefined => {
  if (!Predicate.isObject(json)) return undefined
  const { added_at: at, added_by: by, url } = json as Readonly<Record<string, Schema.Json>>
  if (typeof url !== "string" || url.trim() === "") return undefined
  return {
    url: url.trim(),
    addedBy: isUserId(by) ? by : null,
    addedAt: typeof at === "number" && Number.isFinite(at) ? at : null
  }
}

/**
 * The repositories in a workspace's record, in their order, without blanks and duplicates. A person's client writes the
 * record as it likes: an entry that is no address is in the list, but allows nothing. Source: `docs/protocol.md` 5.2.
 */
export const repositoriesIn = (repos: Repos): ReadonlyArray<Repository> => {
  const found = new Map<string, Repository>()
  for (const json of repos) {
    const entry = entryOf(json)
    if (entry !== undefined && !found.has(entry.url)) found.set(entry.url, entry)
  }
  return [...found.values()]
}

/**
 * The text whose SHA-256, in lower-case hex, is the version of a list: it changes with every change of the list and with
 * nothing else. Source: `docs/protocol.md` 5.2, `repos_version`.
 */
export const versionSource = (urls: ReadonlyArray<string>): string => urls.toSorted().join("\n")

/** Whether a list contains this address, however it is spelled (`parseUrl`). */
export const isListed = (urls: ReadonlyArray<string>, url: string): boolean => {
  const key = keyOf(url)
  return urls.some((listed) => keyOf(listed) === key)
}

/** The list has the maximum number of entries, `max`. */
export class RepositoriesFull extends Schema.TaggedError<RepositoriesFull>()("RepositoriesFull", {
  max: Schema.Finite
}) {}

/** A workspace's record after an addition, and the entry: the new one, or the one that has this address already. */
export interface Added {
  readonly repos: Repos
  readonly repository: Repository
  readonly isNew: boolean
}

export const withRepository = (
  repos: Repos,
  { key, url }: RepositoryUrl,
  addedBy: UserId,
  addedAt: number
): Result.Result<Added, RepositoriesFull> => {
  const repositories = repositoriesIn(repos)
  const known = repositories.find((entry) => keyOf(entry.url) === key)
  if (known !== undefined) return Result.succeed({ repos, repository: known, isNew: false })
  if (repos.length >= maxRepositories) return Result.fail(new RepositoriesFull({ max: maxRepositories }))
  const repository: Repository = { url, addedBy, addedAt }
  return Result.succeed({
    repos: [...repos, { url, added_by: addedBy, added_at: addedAt }],
    repository,
    isNew: true
  })
}

/** A workspace's record without this address, however it is spelled; undefined: it does not have it. */
export const withoutRepository = (repos: Repos, url: string): Repos | undefined => {
  const key = keyOf(url)
  const kept = repos.filter((json) => {
    const entry = entryOf(json)
    return entry === undefined || keyOf(entry.url) !== key
  })
  return kept.length === repos.length ? undefined : kept
}
